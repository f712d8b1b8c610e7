using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace PrivacyProxy.Redemption;

/// <summary>Credentials of the Basic scheme (RFC 7617): the password is a preshared key, the user may be called anything.</summary>
internal static class BasicCredentials
{
    public const string Scheme = "Basic";

    /// <summary>The longest that is read; what is longer holds no key.</summary>
    public const int LongestToken = 2048;

    /// <summary>Reads what follows the scheme: base64 of <c>user ":" password</c>, where the password may have colons. False where it is malformed.</summary>
    /// <param name="token">At most <see cref="LongestToken"/> characters.</param>
    /// <param name="buffer"><see cref="LongestToken"/> bytes to decode in.</param>
    /// <param name="password">Within the buffer.</param>
    public static bool TryReadPassword(ReadOnlySpan<char> token, Span<byte> buffer, out ReadOnlySpan<byte> password)
    {
        password = default;
        if (Ascii.FromUtf16(token, buffer, out var length) != OperationStatus.Done) return false;
        if (Base64.DecodeFromUtf8InPlace(buffer[..length], out length) != OperationStatus.Done) return false;
        var colon = buffer[..length].IndexOf((byte)':');
        if (colon < 0) return false;
        password = buffer[(colon + 1)..length];
        return true;
    }
}
