using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tunneling.Native;

namespace Tunneling.Tls;

/// <summary>
/// A server's certificate with its private key and the intermediates sent along; the key is known to fit. Lifetime: as long as anything refers to
/// it, such as a connection that is choosing among certificates; the handles' finalizers free it, so nobody has to know when that is over.
/// </summary>
internal sealed unsafe class TlsCertificate
{
    private const int EncryptedKey = -1;

    private TlsCertificate(X509Handle leaf, PrivateKeyHandle key, X509StackHandle chain)
    {
        (Leaf, Key, Chain) = (leaf, key, chain);
        KeyType = LibCrypto.EVP_PKEY_get_base_id(key);
        using var managed = X509CertificateLoader.LoadCertificate(ToDer(leaf));
        Names = [.. DnsNames(managed)];
        NotAfter = managed.NotAfter.ToUniversalTime();
    }

    /// <summary>The DNS names it is for; a first label may be "*".</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The end of its validity.</summary>
    public DateTime NotAfter { get; }

    internal X509Handle Leaf { get; }

    internal PrivateKeyHandle Key { get; }

    internal X509StackHandle Chain { get; }

    /// <summary>OpenSSL's number for the kind of key; a context holds one certificate of each kind.</summary>
    internal int KeyType { get; }

    /// <summary>Reads PEM files: leaf first, then intermediates; the key in its own file or behind the certificates.</summary>
    /// <exception cref="TlsCertificateException">A file cannot be read or used; says which.</exception>
    public static TlsCertificate Load(string certificateFile, string? keyFile = null)
    {
        var certificate = ReadFile(certificateFile, TlsCertificatePart.Certificate);
        var key = certificate;
        try
        {
            if (keyFile is not null) key = ReadFile(keyFile, TlsCertificatePart.Key);
            return FromPem(certificate, key, certificateFile, keyFile ?? certificateFile);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <param name="certificates">PEM: leaf first, then intermediates.</param>
    /// <param name="key">PEM: the leaf's private key, not encrypted; other blocks are skipped.</param>
    /// <param name="certificateName">What errors call the certificates, such as a file's name.</param>
    /// <param name="keyName">What errors call the key.</param>
    /// <exception cref="TlsCertificateException">One cannot be used; says which.</exception>
    public static TlsCertificate FromPem(ReadOnlySpan<byte> certificates, ReadOnlySpan<byte> key, string certificateName = "the certificate", string keyName = "the key")
    {
        RequireOpenSsl();
        LibCrypto.ERR_clear_error();
        fixed (byte* bytes = key) return Create(certificates, ReadKey(bytes, key.Length, keyName), certificateName, keyName);
    }

    /// <summary>From .NET's object, whose private key must be there and may be exported.</summary>
    /// <param name="certificate">The leaf.</param>
    /// <param name="intermediates">Sent along.</param>
    /// <exception cref="TlsCertificateException">The key is missing or of another kind than RSA and ECDSA.</exception>
    public static TlsCertificate From(X509Certificate2 certificate, X509Certificate2Collection? intermediates = null)
    {
        RequireOpenSsl();
        LibCrypto.ERR_clear_error();
        var pem = new StringBuilder(certificate.ExportCertificatePem());
        foreach (var intermediate in intermediates ?? []) pem.Append('\n').Append(intermediate.ExportCertificatePem());
        return Create(Encoding.ASCII.GetBytes(pem.ToString()), CopyKey(certificate), "the certificate", "the key");
    }

    /// <summary>The DER of a certificate.</summary>
    internal static byte[] ToDer(X509Handle certificate)
    {
        var length = LibCrypto.i2d_X509(certificate, null);
        if (length <= 0) throw new CryptographicException($"OpenSSL failed in i2d_X509: {OpenSslError.Take()}.");
        var der = new byte[length];
        fixed (byte* start = der)
        {
            var position = start;
            _ = LibCrypto.i2d_X509(certificate, &position);
        }

        return der;
    }

    /// <summary>Every certificate of a PEM text, such as a list of authorities.</summary>
    /// <exception cref="TlsCertificateException">There is none, or one cannot be read.</exception>
    internal static List<X509Handle> ReadAll(ReadOnlySpan<byte> pem, string name)
    {
        RequireOpenSsl();
        LibCrypto.ERR_clear_error();
        var certificates = new List<X509Handle>();
        fixed (byte* bytes = pem)
        {
            using var bio = OpenSslError.ThrowIfInvalid(LibCrypto.BIO_new_mem_buf(bytes, pem.Length));
            while (true)
            {
                var certificate = LibCrypto.PEM_read_bio_X509(bio, 0, &NoPassword, 0);
                if (!certificate.IsInvalid)
                {
                    certificates.Add(certificate);
                    continue;
                }

                certificate.Dispose();
                var ended = OpenSslError.IsEndOfPem();
                LibCrypto.ERR_clear_error();
                if (ended && certificates.Count > 0) return certificates;
                foreach (var other in certificates) other.Dispose();
                throw new TlsCertificateException(
                    TlsCertificatePart.Certificate,
                    ended ? $"'{name}' holds no certificate in PEM." : $"'{name}' holds a certificate that cannot be read.");
            }
        }
    }

    internal static byte[] ReadFile(string file, TlsCertificatePart part)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TlsCertificateException(part, $"'{file}' cannot be read.");
        }
    }

    /// <summary>Takes over the key.</summary>
    private static TlsCertificate Create(ReadOnlySpan<byte> certificates, PrivateKeyHandle key, string certificateName, string keyName)
    {
        X509Handle? leaf = null;
        X509StackHandle? chain = null;
        try
        {
            chain = ReadChain(certificates, certificateName, out leaf);
            if (LibCrypto.X509_check_private_key(leaf, key) == 1) return new TlsCertificate(leaf, key, chain);
            LibCrypto.ERR_clear_error();
            throw new TlsCertificateException(
                TlsCertificatePart.Key,
                string.Equals(certificateName, keyName, StringComparison.Ordinal)
                    ? $"The private key in '{keyName}' is not that of its first certificate."
                    : $"The private key in '{keyName}' is not that of the first certificate in '{certificateName}'.");
        }
        catch (Exception exception)
        {
            leaf?.Dispose();
            chain?.Dispose();
            key.Dispose();
            if (exception is not CryptographicException) throw;
            throw new TlsCertificateException(TlsCertificatePart.Certificate, $"'{certificateName}' holds a certificate that cannot be read.");
        }
    }

    private static X509StackHandle ReadChain(ReadOnlySpan<byte> pem, string name, out X509Handle leaf)
    {
        var certificates = ReadAll(pem, name);
        leaf = certificates[0];
        X509StackHandle? chain = null;
        try
        {
            chain = OpenSslError.ThrowIfInvalid(LibCrypto.OPENSSL_sk_new_null());
            foreach (var intermediate in certificates.Skip(1))
            {
                OpenSslError.ThrowUnlessOne(LibCrypto.OPENSSL_sk_push(chain, intermediate.DangerousGetHandle()) > 0 ? 1 : 0);
                // The stack owns it from here.
                intermediate.SetHandleAsInvalid();
            }

            return chain;
        }
        catch
        {
            chain?.Dispose();
            foreach (var certificate in certificates) certificate.Dispose();
            throw;
        }
    }

    private static PrivateKeyHandle ReadKey(byte* pem, int length, string name)
    {
        using var bio = OpenSslError.ThrowIfInvalid(LibCrypto.BIO_new_mem_buf(pem, length));
        var asked = 0;
        var key = LibCrypto.PEM_read_bio_PrivateKey(bio, 0, &NoPassword, (nint)(&asked));
        LibCrypto.ERR_clear_error();
        if (!key.IsInvalid) return key;
        key.Dispose();
        throw new TlsCertificateException(
            TlsCertificatePart.Key,
            asked == EncryptedKey ? $"The private key in '{name}' is encrypted; it must not be." : $"'{name}' holds no private key that can be read.");
    }

    // Without it OpenSSL asks on the terminal.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int NoPassword(byte* buffer, int size, int writing, nint state)
    {
        if (state != 0) *(int*)state = EncryptedKey;
        return -1;
    }

    private static PrivateKeyHandle CopyKey(X509Certificate2 certificate)
    {
        byte[]? pkcs8 = null;
        try
        {
            using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey();
            if (key is null) throw new TlsCertificateException(TlsCertificatePart.Key, "The certificate has no private key of RSA or ECDSA.");
            pkcs8 = key.ExportPkcs8PrivateKey();
            fixed (byte* start = pkcs8)
            {
                var position = start;
                return OpenSslError.ThrowIfInvalid(LibCrypto.d2i_AutoPrivateKey(0, ref position, pkcs8.Length));
            }
        }
        catch (CryptographicException)
        {
            throw new TlsCertificateException(TlsCertificatePart.Key, "The certificate's private key cannot be exported.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    private static IEnumerable<string> DnsNames(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(static extension => extension.EnumerateDnsNames());

    private static void RequireOpenSsl()
    {
        if (OpenSslLibrary.Problem is { } problem) throw new PlatformNotSupportedException(problem);
    }
}
