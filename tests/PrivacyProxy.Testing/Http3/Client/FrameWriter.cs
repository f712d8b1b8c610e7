using Masque;

namespace PrivacyProxy.Testing.Http3.Client;

/// <summary>Puts frames together.</summary>
internal static class FrameWriter
{
    public static byte[] Frame(ulong type, ReadOnlySpan<byte> payload) => [.. Integers(type, (ulong)payload.Length), .. payload];

    public static byte[] Integers(params ReadOnlySpan<ulong> values)
    {
        var bytes = new byte[values.Length * VarInt.MaxLength];
        var length = 0;
        foreach (var value in values) length += VarInt.Write(bytes.AsSpan(length), value);
        return bytes[..length];
    }
}
