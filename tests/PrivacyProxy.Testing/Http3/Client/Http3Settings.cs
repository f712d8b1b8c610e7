using Masque;

namespace PrivacyProxy.Testing.Http3.Client;

/// <summary>What control frames hold.</summary>
internal static class Http3Settings
{
    /// <summary>A setting that comes twice is an error (RFC 9114, section 7.2.4).</summary>
    public static Dictionary<ulong, ulong> Read(ReadOnlySpan<byte> payload)
    {
        var settings = new Dictionary<ulong, ulong>();
        while (!payload.IsEmpty) settings.Add(TakeInteger(ref payload), TakeInteger(ref payload));
        return settings;
    }

    public static ulong ReadInteger(ReadOnlySpan<byte> payload) => TakeInteger(ref payload);

    private static ulong TakeInteger(ref ReadOnlySpan<byte> payload)
    {
        if (!VarInt.TryRead(payload, out var value, out var length)) throw new InvalidDataException("Cut off within an integer.");
        payload = payload[length..];
        return value;
    }
}
