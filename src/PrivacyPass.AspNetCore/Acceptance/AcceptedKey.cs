namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>
/// A key whose tokens are taken, and for how long. It may be ended early and come back, but never lives on after the end of
/// life it was made with: its spent tokens are remembered as long, or longer.
/// </summary>
internal sealed class AcceptedKey
{
    /// <summary>Clocks of issuers and proxies differ.</summary>
    private static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(1);

    private readonly DateTimeOffset _endOfLife;

    /// <param name="issuer">Whose key it is.</param>
    /// <param name="verifier">Checks its tokens.</param>
    /// <param name="notBefore">From when its tokens are taken.</param>
    /// <param name="endOfLife">Until when this proxy takes them at the latest.</param>
    /// <param name="lastEndOfLife">Until when any proxy does.</param>
    public AcceptedKey(string issuer, ITokenVerifier verifier, DateTimeOffset notBefore, DateTimeOffset endOfLife, DateTimeOffset lastEndOfLife)
        : this(issuer, verifier, notBefore, endOfLife, endOfLife, lastEndOfLife.ToUnixTimeSeconds()) { }

    private AcceptedKey(string issuer, ITokenVerifier verifier, DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset endOfLife, long expires) =>
        (Issuer, Verifier, NotBefore, NotAfter, _endOfLife, Expires) = (issuer, verifier, notBefore, notAfter, endOfLife, expires);

    public string Issuer { get; }

    public ITokenVerifier Verifier { get; }

    public TokenType Type => Verifier.Type;

    public TokenKeyId KeyId => Verifier.KeyId;

    public DateTimeOffset NotBefore { get; }

    /// <summary>Until when its tokens are taken.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Until when its spent tokens are remembered, Unix seconds; not before the <see cref="NotAfter"/> of any proxy.</summary>
    public long Expires { get; }

    public bool IsAcceptedAt(DateTimeOffset time) => time + _clockSkew >= NotBefore && time < NotAfter;

    /// <summary>True when challenges may carry it: clients must not use it before its time.</summary>
    public bool IsOfferedAt(DateTimeOffset time) => time >= NotBefore && time < NotAfter;

    /// <summary>The same key, taken until another time, but at most to the end of its life.</summary>
    public AcceptedKey Until(DateTimeOffset time) => new(Issuer, Verifier, NotBefore, time < _endOfLife ? time : _endOfLife, _endOfLife, Expires);
}
