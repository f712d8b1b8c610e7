using System.Globalization;

namespace PrivacyPass.Http;

/// <summary>A challenge whose parameters are being read; remembers the first thing wrong with it.</summary>
internal sealed class PartialChallenge(string scheme)
{
    private readonly bool _isPrivateToken = scheme.Equals(PrivateTokenScheme.Name, StringComparison.OrdinalIgnoreCase);
    private PrivateTokenChallengeError _error;
    private string? _challenge, _tokenKey, _maxAge, _realm;

    public void Add(AuthFieldItem item)
    {
        if (!_isPrivateToken) return;
        if (item.Kind != AuthFieldItemKind.Parameter) Fail(PrivateTokenChallengeError.MalformedSyntax);
        else if (item.IsNamed(PrivateTokenScheme.Challenge)) Set(ref _challenge, item);
        else if (item.IsNamed(PrivateTokenScheme.TokenKey)) Set(ref _tokenKey, item);
        else if (item.IsNamed(PrivateTokenScheme.MaxAge)) Set(ref _maxAge, item);
        else if (item.IsNamed(PrivateTokenScheme.Realm)) Set(ref _realm, item);
    }

    public PrivateTokenChallengeReading Complete()
    {
        if (!_isPrivateToken) return Failed(scheme.Length == 0 ? PrivateTokenChallengeError.MalformedSyntax : PrivateTokenChallengeError.OtherScheme);
        if (_error != PrivateTokenChallengeError.None) return Failed(_error);
        if (_challenge is null) return Failed(PrivateTokenChallengeError.NoChallenge);
        if (!TryReadSeconds(_maxAge, out var maxAge)) return Failed(PrivateTokenChallengeError.MalformedSyntax);
        var challenge = PaddedBase64Url.Decode(_challenge, out _);
        var tokenKey = _tokenKey is null ? null : PaddedBase64Url.Decode(_tokenKey, out _);
        if (challenge is null || (tokenKey is null && _tokenKey is not null)) return Failed(PrivateTokenChallengeError.NotBase64Url);
        if (challenge.Length < 2) return Failed(PrivateTokenChallengeError.MalformedChallenge);

        // Without the cast, a null array would become empty memory instead of null.
        var key = tokenKey is null ? (ReadOnlyMemory<byte>?)null : tokenKey;
        return new(scheme, Check(challenge), new PrivateTokenChallenge(challenge, key, maxAge, _realm));
    }

    private static PrivateTokenChallengeError Check(byte[] challenge) => TokenChallenge.TryRead(challenge, out _) switch
    {
        TokenChallengeError.None => PrivateTokenChallengeError.None,
        TokenChallengeError.GreasedType => PrivateTokenChallengeError.GreasedType,
        TokenChallengeError.UnsupportedType => PrivateTokenChallengeError.UnsupportedType,
        _ => PrivateTokenChallengeError.MalformedChallenge,
    };

    private PrivateTokenChallengeReading Failed(PrivateTokenChallengeError error) => new(scheme, error, Challenge: null);

    private void Set(ref string? field, AuthFieldItem item)
    {
        if (field is not null) Fail(PrivateTokenChallengeError.DuplicateParameter);
        field ??= item.GetText();
    }

    private void Fail(PrivateTokenChallengeError error)
    {
        if (_error == PrivateTokenChallengeError.None) _error = error;
    }

    /// <summary>Digits only; more seconds than an int holds are as many as it holds (68 years).</summary>
    private static bool TryReadSeconds(string? text, out int? seconds)
    {
        seconds = null;
        if (text is null) return true;
        if (text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('0', '9')) return false;
        seconds = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : int.MaxValue;
        return true;
    }
}
