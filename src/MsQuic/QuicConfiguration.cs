using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MsQuic.Native;

namespace MsQuic;

/// <summary>
/// Settings, application protocols and a certificate, for any number of connections. A server shows another certificate by choosing another
/// configuration; connections keep what they need of theirs, so that it may be disposed any time.
/// </summary>
public sealed class QuicConfiguration : IDisposable
{
    private QuicConfiguration(ConfigurationHandle handle, QuicSettings settings, RemoteCertificateValidationCallback? validate) =>
        (Handle, Settings, Validate) = (handle, settings, validate);

    /// <summary>What its connections may do and hold.</summary>
    public QuicSettings Settings { get; }

    internal ConfigurationHandle Handle { get; }

    /// <summary>Who judges the peer's certificate.</summary>
    internal RemoteCertificateValidationCallback? Validate { get; }

    /// <summary>For connections of clients.</summary>
    /// <param name="protocols">What to offer, best first.</param>
    /// <param name="settings">What they may do and hold.</param>
    /// <param name="validate">Judges the server's certificate; null takes what the machine trusts for the name.</param>
    /// <param name="certificate">Shown when the server asks; with its key; null for none.</param>
    /// <param name="chain">Sent behind it; null for nothing.</param>
    /// <exception cref="QuicException">The certificate or a setting is not taken.</exception>
    public static QuicConfiguration ForClient(
        IReadOnlyList<SslApplicationProtocol> protocols,
        QuicSettings settings,
        RemoteCertificateValidationCallback? validate = null,
        X509Certificate2? certificate = null,
        IEnumerable<X509Certificate2>? chain = null)
    {
        var flags = CredentialFlags.Client | CredentialFlags.IndicateCertificateReceived | CredentialFlags.NoCertificateValidation | CredentialFlags.UsePortableCertificates;
        return Create(protocols, settings, validate ?? TrustsWhatTheMachineTrusts, flags, certificate is null ? [] : Export(certificate, chain ?? []));
    }

    /// <summary>For connections of a server.</summary>
    /// <param name="protocols">What is spoken, best first.</param>
    /// <param name="settings">What they may do and hold.</param>
    /// <param name="certificate">The server's, with its key.</param>
    /// <param name="chain">Sent behind it: what leads to a root, without that.</param>
    /// <param name="validateClient">Asks clients for a certificate, and judges it, or that none was shown; null asks for none.</param>
    /// <exception cref="QuicException">The certificate or a setting is not taken.</exception>
    public static QuicConfiguration ForServer(
        IReadOnlyList<SslApplicationProtocol> protocols, QuicSettings settings, X509Certificate2 certificate, IEnumerable<X509Certificate2> chain, RemoteCertificateValidationCallback? validateClient = null)
    {
        var flags = CredentialFlags.None;
        if (validateClient is not null)
            flags = CredentialFlags.RequireClientAuthentication | CredentialFlags.IndicateCertificateReceived | CredentialFlags.NoCertificateValidation | CredentialFlags.UsePortableCertificates;
        return Create(protocols, settings, validateClient, flags, Export(certificate, chain));
    }

    /// <summary>Closes it; connections that have it go on.</summary>
    public void Dispose() => Handle.Dispose();

    internal static byte[][] Names(IReadOnlyList<SslApplicationProtocol> protocols) =>
        protocols.Count == 0 ? throw new ArgumentException("QUIC has no connections without an application protocol.", nameof(protocols)) : [.. protocols.Select(static protocol => protocol.Protocol.ToArray())];

    private static QuicConfiguration Create(
        IReadOnlyList<SslApplicationProtocol> protocols, QuicSettings settings, RemoteCertificateValidationCallback? validate, CredentialFlags flags, byte[] pkcs12)
    {
        var handle = new ConfigurationHandle(Names(protocols), settings.ToNative());
        try
        {
            handle.LoadCredential(flags, pkcs12);
            return new QuicConfiguration(handle, settings, validate);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(pkcs12);
        }
    }

    private static byte[] Export(X509Certificate2 certificate, IEnumerable<X509Certificate2> chain)
    {
        if (!certificate.HasPrivateKey) throw new ArgumentException("The certificate has no key.", nameof(certificate));
        var all = new X509Certificate2Collection(certificate);
        // Without their keys, should they have one: the one with a key is the one that is shown.
        foreach (var link in chain) all.Add(link.HasPrivateKey ? X509CertificateLoader.LoadCertificate(link.RawData) : link);
        return all.Export(X509ContentType.Pkcs12)!;
    }

    private static bool TrustsWhatTheMachineTrusts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => errors == SslPolicyErrors.None;
}
