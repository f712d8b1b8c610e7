namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>
/// Keeps what an issuer has published: register one as a singleton, and it is told of each version of the directory before anybody is served it.
/// What the proxy's issuer does with it: docs/auditing.md.
/// </summary>
public interface IIssuerDirectoryLog
{
    /// <summary>Notes a version. Where it throws, the version before is served on and the keys are looked at again a minute later; at start the issuer does not start.</summary>
    /// <param name="directory">The bytes to be served.</param>
    /// <param name="cancellationToken">The issuer stops.</param>
    Task AppendAsync(ReadOnlyMemory<byte> directory, CancellationToken cancellationToken);
}
