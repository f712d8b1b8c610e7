using Microsoft.Win32.SafeHandles;

namespace Tunneling.Native;

/// <summary>An owned SSL_CTX. Native sessions count their own references to it; what its callbacks look at is held by <see cref="SslHandle"/>.</summary>
internal sealed class SslContextHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public SslContextHandle()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Run once the context and every session made from it are gone.</summary>
    internal Action? Released { get; set; }

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_CTX_free(handle);
        Released?.Invoke();
        return true;
    }
}

/// <summary>An owned SSL with the BIO it was given. It keeps its context: that is freed after the last session, so that callbacks find their state.</summary>
internal sealed class SslHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private SslContextHandle? _context;

    public SslHandle()
        : base(ownsHandle: true)
    {
    }

    internal void Keep(SslContextHandle context)
    {
        var held = false;
        context.DangerousAddRef(ref held);
        _context = context;
    }

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_free(handle);
        _context?.DangerousRelease();
        return true;
    }
}

/// <summary>An owned X509.</summary>
internal sealed class X509Handle : SafeHandleZeroOrMinusOneIsInvalid
{
    public X509Handle()
        : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.X509_free(handle);
        return true;
    }
}

/// <summary>An owned STACK_OF(X509); it counts a reference to each of its certificates.</summary>
internal sealed class X509StackHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public X509StackHandle()
        : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle()
    {
        for (var certificate = LibCrypto.OPENSSL_sk_pop(handle); certificate != 0; certificate = LibCrypto.OPENSSL_sk_pop(handle))
            LibCrypto.X509_free(certificate);
        LibCrypto.OPENSSL_sk_free(handle);
        return true;
    }
}

/// <summary>An owned EVP_PKEY with a private key.</summary>
internal sealed class PrivateKeyHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public PrivateKeyHandle()
        : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_free(handle);
        return true;
    }
}

/// <summary>An owned memory BIO over bytes that outlive it.</summary>
internal sealed class BioHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public BioHandle()
        : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle() => LibCrypto.BIO_free(handle) == 1;
}
