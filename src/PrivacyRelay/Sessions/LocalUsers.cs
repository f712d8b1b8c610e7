using System.Security.Cryptography;
using System.Text;

namespace PrivacyRelay.Sessions;

/// <summary>Who may use the relay, by name and password; everybody where there is none. Kept and compared as SHA-256, each in full.</summary>
/// <param name="users"><c>NAME:PASSWORD</c> each; a password may have colons.</param>
internal sealed class LocalUsers(IEnumerable<string> users)
{
    private const string Basic = "Basic ";

    private readonly byte[][] _hashes = [.. users.Select(static user => SHA256.HashData(Encoding.UTF8.GetBytes(user)))];

    /// <summary>Whether a password is asked for.</summary>
    public bool AreAsked => _hashes.Length > 0;

    public bool Admit(ReadOnlySpan<byte> name, ReadOnlySpan<byte> password)
    {
        // The first colon is the end of the name: else two pairs would be one.
        if (name.Contains((byte)':')) return !AreAsked;
        return Admit([.. name, (byte)':', .. password]);
    }

    /// <summary>The same for the fields Proxy-Authorization of a request (RFC 7617).</summary>
    public bool Admit(IReadOnlyList<string> fields)
    {
        if (!AreAsked) return true;
        if (fields is not [var field] || !field.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)) return false;
        var pair = new byte[field.Length];
        return Convert.TryFromBase64String(field[Basic.Length..].Trim(), pair, out var length) && Admit(pair.AsSpan(0, length).ToArray());
    }

    private bool Admit(byte[] pair)
    {
        var hash = SHA256.HashData(pair);
        var matches = !AreAsked;
        foreach (var known in _hashes) matches |= CryptographicOperations.FixedTimeEquals(hash, known);
        return matches;
    }
}
