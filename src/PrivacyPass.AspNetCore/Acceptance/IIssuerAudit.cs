namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>Looks at each directory of an issuer before its keys are used.</summary>
internal interface IIssuerAudit : IDisposable
{
    /// <summary>Why the keys of a directory are not used; null when they may be. Keys known before stay in use.</summary>
    Task<string?> CheckAsync(string issuer, byte[] directory, CancellationToken cancellationToken);

    /// <summary>The issuer is no longer asked.</summary>
    void Forget(string issuer);
}
