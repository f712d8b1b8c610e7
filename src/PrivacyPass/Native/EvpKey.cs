using Microsoft.Win32.SafeHandles;

namespace PrivacyPass.Native;

/// <summary>An owned EVP_PKEY with an RSA private key. Safe for concurrent use.</summary>
internal sealed class EvpKey : SafeHandleZeroOrMinusOneIsInvalid
{
    // Contexts ready for the private operation, one for each processor: making one costs several microseconds. Each holds the key by a count of its own.
    private readonly EvpKeyContext?[] _ready = new EvpKeyContext?[Environment.ProcessorCount];

    public EvpKey() : base(ownsHandle: true)
    {
    }

    /// <summary>Reads a PKCS#1 RSAPrivateKey.</summary>
    internal static unsafe EvpKey FromRsaPrivateKey(ReadOnlySpan<byte> pkcs1)
    {
        fixed (byte* start = pkcs1)
        {
            var position = (nint)start;
            return LibCryptoError.ThrowIfInvalid(LibCrypto.d2i_AutoPrivateKey(0, ref position, pkcs1.Length));
        }
    }

    /// <summary>RSA's private operation without padding (RSASP1), with libcrypto's base blinding and constant-time exponentiation.</summary>
    internal void RawPrivateOperation(ReadOnlySpan<byte> input, Span<byte> output)
    {
        var context = TakeContext();
        try
        {
            var written = (nuint)output.Length;
            LibCryptoError.ThrowUnlessOne(LibCrypto.EVP_PKEY_decrypt(context, output, ref written, input, (nuint)input.Length));
            if (written != (nuint)output.Length) LibCryptoError.Throw(nameof(LibCrypto.EVP_PKEY_decrypt));
        }
        catch
        {
            context.Dispose();
            throw;
        }

        Return(context);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            for (var i = 0; i < _ready.Length; i++) Interlocked.Exchange(ref _ready[i], null)?.Dispose();
        }

        base.Dispose(disposing);
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_free(handle);
        return true;
    }

    private EvpKeyContext TakeContext()
    {
        for (var i = 0; i < _ready.Length; i++)
        {
            if (Interlocked.Exchange(ref _ready[i], null) is { } ready) return ready;
        }

        var context = LibCryptoError.ThrowIfInvalid(LibCrypto.EVP_PKEY_CTX_new(this, 0));
        try
        {
            LibCryptoError.ThrowUnlessOne(LibCrypto.EVP_PKEY_decrypt_init(context));
            LibCryptoError.ThrowUnlessOne(
                LibCrypto.EVP_PKEY_CTX_ctrl(context, -1, -1, LibCrypto.EVP_PKEY_CTRL_RSA_PADDING, LibCrypto.RSA_NO_PADDING, 0));
            return context;
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private void Return(EvpKeyContext context)
    {
        for (var i = 0; i < _ready.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _ready[i], context, null) is not null) continue;
            // A key that was disposed meanwhile keeps none.
            if (IsClosed) Interlocked.Exchange(ref _ready[i], null)?.Dispose();
            return;
        }

        context.Dispose();
    }
}
