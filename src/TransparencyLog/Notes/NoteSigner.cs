using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TransparencyLog.Notes;

/// <summary>A private key with a name, which signs notes. Safe for concurrent use.</summary>
internal sealed class NoteSigner : IDisposable
{
    private const string Prefix = "PRIVATE+KEY+";

    private readonly byte[] _seed;
    private readonly Ed25519 _private;

    private NoteSigner(string name, NoteKeyKind kind, byte[] seed)
    {
        (_seed, _private) = (seed, Ed25519.FromSeed(seed));
        Key = new NoteKey(name, kind, _private.ExportPublicKey());
    }

    /// <summary>The public key.</summary>
    public NoteKey Key { get; }

    public static NoteSigner Generate(string name, NoteKeyKind kind) => new(name, kind, RandomNumberGenerator.GetBytes(Ed25519.KeySize));

    /// <summary>Reads what <see cref="Export"/> wrote; Go's note package writes the same.</summary>
    /// <exception cref="FormatException">It is not that; never tells what it is.</exception>
    public static NoteSigner Parse(string text)
    {
        var parts = text.Trim().Split('+', 5);
        var bytes = new byte[1 + Ed25519.KeySize];
        if (parts.Length != 5 || $"{parts[0]}+{parts[1]}+" != Prefix || !Convert.TryFromBase64String(parts[4], bytes, out var length) || length != bytes.Length
            || bytes[0] is not ((byte)NoteKeyKind.Note or (byte)NoteKeyKind.Cosignature)) throw new FormatException("not a private key of a note's signer");
        var signer = new NoteSigner(parts[2], (NoteKeyKind)bytes[0], bytes[1..]);
        CryptographicOperations.ZeroMemory(bytes);
        if (parts[3] == signer.Key.KeyId.ToString("x8", CultureInfo.InvariantCulture)) return signer;
        signer.Dispose();
        throw new FormatException("the name is not that of the private key");
    }

    /// <summary>The private key as one line of text. Secret.</summary>
    public string Export() => $"{Prefix}{Key.Name}+{Key.KeyId:x8}+{Convert.ToBase64String([(byte)Key.Kind, .. _seed])}";

    /// <param name="text">The text of a note.</param>
    /// <param name="now">The time in a cosignature.</param>
    public NoteSignature Sign(string text, DateTimeOffset now)
    {
        if (Key.Kind == NoteKeyKind.Note) return new NoteSignature(Key.Name, Key.KeyId, _private.Sign(Encoding.UTF8.GetBytes(text)));
        var value = new byte[sizeof(ulong) + Ed25519.SignatureSize];
        var time = (ulong)now.ToUnixTimeSeconds();
        BinaryPrimitives.WriteUInt64BigEndian(value, time);
        _private.Sign(NoteKey.Cosigned(text, time)).CopyTo(value, sizeof(ulong));
        return new NoteSignature(Key.Name, Key.KeyId, value);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_seed);
        _private.Dispose();
    }
}
