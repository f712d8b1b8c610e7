using System.Security.Cryptography;
using Tunneling.Native;

namespace Tunneling.Tls;

/// <summary>
/// The keys of session tickets (RFC 5077, RFC 8446 4.6.1): the first makes new tickets, each opens those it made. They are made here and
/// rotated, or given from outside, so that several processes behind one address accept each other's. Safe for concurrent use.
/// </summary>
internal sealed unsafe class TicketKeys
{
    /// <summary>Size of a key in bytes: a name of 16, 32 for HMAC-SHA-256, 32 for AES-256. The layout of nginx' ssl_session_ticket_key.</summary>
    public const int KeySize = NameSize + MacSize + CipherSize;

    /// <summary>For how long a ticket is accepted.</summary>
    public static readonly TimeSpan TicketLifetime = TimeSpan.FromHours(2);

    private const int NameSize = 16;
    private const int MacSize = 32;
    private const int CipherSize = 32;
    private const int InitialVectorSize = 16;
    private const int Failed = -1;
    private const int UnknownKey = 0;
    private const int Usable = 1;
    private const int UsableButRenew = 2;
    private static readonly TimeSpan _rotation = TimeSpan.FromHours(1);

    private readonly TimeProvider _clock;
    private readonly Lock _changes = new();
    private readonly bool _rotates;
    private volatile Key[] _keys;

    private TicketKeys(TimeProvider clock, bool rotates, Key[] keys) => (_clock, _rotates, _keys) = (clock, rotates, keys);

    /// <summary>Random keys, a new one each hour; old ones go once no ticket of theirs is alive.</summary>
    public static TicketKeys Random(TimeProvider clock) => new(clock, rotates: true, [Key.Random(clock.GetTimestamp())]);

    /// <summary>Keys from outside; <see cref="Use"/> replaces them.</summary>
    /// <param name="keys">The current one first; <see cref="KeySize"/> each, at least one.</param>
    /// <exception cref="ArgumentException">None, one of another size, or two of one name.</exception>
    public static TicketKeys Shared(params IReadOnlyList<ReadOnlyMemory<byte>> keys) => new(TimeProvider.System, rotates: false, Read(keys));

    /// <summary>Replaces the keys. What the new ones do not open is a full handshake.</summary>
    /// <param name="keys">As in <see cref="Shared"/>.</param>
    /// <exception cref="ArgumentException">None, one of another size, or two of one name.</exception>
    /// <exception cref="InvalidOperationException">These are keys that rotate by themselves.</exception>
    public void Use(params IReadOnlyList<ReadOnlyMemory<byte>> keys)
    {
        if (_rotates) throw new InvalidOperationException("Keys that rotate by themselves cannot be replaced.");
        _keys = Read(keys);
    }

    /// <summary>What libssl asks for each ticket that it makes or gets: sets up the cipher and the MAC. The answers are OpenSSL's.</summary>
    internal int Prepare(byte* name, byte* initialVector, nint cipher, nint mac, bool make)
    {
        var keys = _rotates ? Current() : _keys;
        if (make)
        {
            var first = keys[0];
            first.Name.CopyTo(new Span<byte>(name, NameSize));
            RandomNumberGenerator.Fill(new Span<byte>(initialVector, InitialVectorSize));
            return first.Prepare(initialVector, cipher, mac, encrypt: true) ? Usable : Failed;
        }

        for (var i = 0; i < keys.Length; i++)
        {
            if (!keys[i].Name.SequenceEqual(new ReadOnlySpan<byte>(name, NameSize))) continue;
            if (!keys[i].Prepare(initialVector, cipher, mac, encrypt: false)) return Failed;
            return i == 0 ? Usable : UsableButRenew;
        }

        return UnknownKey;
    }

    private Key[] Current()
    {
        var keys = _keys;
        if (_clock.GetElapsedTime(keys[0].Made) < _rotation) return keys;
        lock (_changes)
        {
            keys = _keys;
            if (_clock.GetElapsedTime(keys[0].Made) < _rotation) return keys;
            return _keys = [Key.Random(_clock.GetTimestamp()), .. keys.Where(key => _clock.GetElapsedTime(key.Made) < _rotation + TicketLifetime)];
        }
    }

    private static Key[] Read(IReadOnlyList<ReadOnlyMemory<byte>> keys)
    {
        if (keys.Count == 0) throw new ArgumentException("At least one ticket key is needed.", nameof(keys));
        if (keys.Any(static key => key.Length != KeySize)) throw new ArgumentException($"A ticket key has {KeySize} bytes.", nameof(keys));
        if (keys.DistinctBy(static key => Convert.ToHexString(key.Span[..NameSize]), StringComparer.Ordinal).Count() != keys.Count)
            throw new ArgumentException($"Two ticket keys have the same name (the first {NameSize} bytes).", nameof(keys));
        return [.. keys.Select(static key => new Key(key.Span, made: 0))];
    }

    /// <summary>Pinned, so that no copies stay behind when the heap is compacted. Not wiped: a callback may be reading it.</summary>
    private sealed class Key
    {
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(KeySize, pinned: true);

        public Key(ReadOnlySpan<byte> bytes, long made)
        {
            bytes.CopyTo(_bytes);
            Made = made;
        }

        /// <summary>The clock's timestamp.</summary>
        public long Made { get; }

        public ReadOnlySpan<byte> Name => _bytes.AsSpan(0, NameSize);

        public static Key Random(long made)
        {
            Span<byte> bytes = stackalloc byte[KeySize];
            RandomNumberGenerator.Fill(bytes);
            var key = new Key(bytes, made);
            CryptographicOperations.ZeroMemory(bytes);
            return key;
        }

        public bool Prepare(byte* initialVector, nint cipher, nint mac, bool encrypt)
        {
            fixed (byte* bytes = _bytes)
            fixed (byte* digestName = "digest\0"u8, digest = "SHA256\0"u8, keyName = "key\0"u8)
            {
                var parameters = stackalloc OpenSslParameter[3];
                parameters[0] = new OpenSslParameter { Name = keyName, Type = LibCrypto.OSSL_PARAM_OCTET_STRING, Data = bytes + NameSize, Size = MacSize };
                parameters[1] = new OpenSslParameter { Name = digestName, Type = LibCrypto.OSSL_PARAM_UTF8_STRING, Data = digest, Size = (nuint)"SHA256".Length };
                parameters[2] = default;
                var cipherKey = bytes + NameSize + MacSize;
                var done = encrypt
                    ? LibCrypto.EVP_EncryptInit_ex(cipher, LibCrypto.EVP_aes_256_cbc(), 0, cipherKey, initialVector)
                    : LibCrypto.EVP_DecryptInit_ex(cipher, LibCrypto.EVP_aes_256_cbc(), 0, cipherKey, initialVector);
                return done == 1 && LibCrypto.EVP_MAC_CTX_set_params(mac, parameters) == 1;
            }
        }
    }
}
