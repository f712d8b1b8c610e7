namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>An issuer whose tokens are taken, and where its keys come from.</summary>
internal interface IIssuerSettings
{
    /// <summary>The issuer_name of challenges.</summary>
    string Name { get; }

    /// <summary>The URL of the directory.</summary>
    string? Directory { get; }

    /// <summary>A PEM file of authorities to trust for the directory, instead of the system's.</summary>
    string? CaFile { get; }

    /// <summary>The data folder of an issuer on this machine.</summary>
    string? KeyDirectory { get; }

    /// <summary>Type 2 public keys, base64url.</summary>
    IList<string> PublicKeys { get; }

    /// <summary>Type 1 private keys, base64url.</summary>
    IList<string> PrivateKeys { get; }

    /// <summary>The token types taken.</summary>
    IList<int> TokenTypes { get; }

    /// <summary>How long a key without a not-after is accepted.</summary>
    TimeSpan KeyLifetime { get; }

    /// <summary>How long a key is accepted after it was taken off the directory.</summary>
    TimeSpan RemovalGrace { get; }

    /// <summary>How often the directory is fetched at least.</summary>
    TimeSpan RefreshInterval { get; }
}
