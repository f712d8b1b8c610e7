namespace PrivacyPass.Http;

/// <summary>How strictly credentials are read. The default takes what deployed clients send.</summary>
public readonly record struct PrivateTokenReadOptions
{
    /// <summary>Refuse parameters separated by white space alone. Off by default: Chromium sends <c>token="..." extensions="..."</c>.</summary>
    public bool RequireCommas { get; init; }
}
