using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TransparencyLog.Notes;

/// <summary>A public key with a name, which checks notes: a "vkey" of C2SP signed-note, <c>name+hash+base64</c>. Safe for concurrent use.</summary>
internal sealed class NoteKey
{
    private readonly Ed25519 _key;
    private readonly byte[] _publicKey;

    public NoteKey(string name, NoteKeyKind kind, byte[] publicKey)
    {
        if (!IsName(name)) throw new FormatException("the name is empty, or has spaces or a plus");
        (Name, Kind, _publicKey, _key) = (name, kind, publicKey, Ed25519.FromPublicKey(publicKey));
        KeyId = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', (byte)kind, .. publicKey]));
    }

    public string Name { get; }

    public NoteKeyKind Kind { get; }

    public uint KeyId { get; }

    /// <exception cref="FormatException">It is no vkey of Ed25519; says why.</exception>
    public static NoteKey Parse(string text)
    {
        // The base64 has pluses of its own.
        var parts = text.Split('+', 3);
        if (parts.Length != 3) throw new FormatException("not NAME+HASH+KEY");
        var bytes = new byte[parts[2].Length];
        if (!Convert.TryFromBase64String(parts[2], bytes, out var length) || length != 1 + Ed25519.KeySize || bytes[0] is not ((byte)NoteKeyKind.Note or (byte)NoteKeyKind.Cosignature))
            throw new FormatException("the key is not one of Ed25519, of type 1 or 4");
        NoteKey key;
        try
        {
            key = new NoteKey(parts[0], (NoteKeyKind)bytes[0], bytes[1..length]);
        }
        catch (CryptographicException e)
        {
            throw new FormatException(e.Message, e);
        }

        return parts[1] == key.KeyId.ToString("x8", CultureInfo.InvariantCulture) ? key : throw new FormatException("the hash is not that of the name and the key");
    }

    /// <summary>Null when a key with the name and id has not signed; else whether it has signed well, and when.</summary>
    public NoteCheck? Check(SignedNote note)
    {
        foreach (var signature in note.Signatures)
            if (signature.KeyId == KeyId && signature.Name == Name) return Check(note.Text, signature.Value.Span);
        return null;
    }

    public override string ToString() => $"{Name}+{KeyId:x8}+{Convert.ToBase64String([(byte)Kind, .. _publicKey])}";

    internal static bool IsName(string text) => text.Length > 0 && !text.Contains('+', StringComparison.Ordinal) && !text.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c));

    /// <summary>What a cosigner signs of a note (C2SP tlog-cosignature).</summary>
    internal static byte[] Cosigned(string text, ulong time) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {time}\n{text}"));

    private NoteCheck Check(string text, ReadOnlySpan<byte> signature)
    {
        if (Kind == NoteKeyKind.Note) return new NoteCheck(_key.Verify(Encoding.UTF8.GetBytes(text), signature), default);
        if (signature.Length != sizeof(ulong) + Ed25519.SignatureSize) return default;
        var time = BinaryPrimitives.ReadUInt64BigEndian(signature);
        // What DateTimeOffset cannot tell is no time of a cosigner.
        if (time > (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()) return default;
        return new NoteCheck(_key.Verify(Cosigned(text, time), signature[sizeof(ulong)..]), DateTimeOffset.FromUnixTimeSeconds((long)time));
    }
}

/// <summary>What a key says of a note that carries a signature of it.</summary>
/// <param name="IsGood">The signature is the key's.</param>
/// <param name="Time">When it was made, where it is a cosignature.</param>
internal readonly record struct NoteCheck(bool IsGood, DateTimeOffset Time);
