using System.Net.Security;

namespace PrivacyProxy.Testing.Listeners;

internal static class TestTls
{
    public static async Task<SslStream> AuthenticateAsync(Stream stream, SslApplicationProtocol protocol)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [protocol],
            RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate?.Subject == "CN=localhost",
        });
        Assert.Equal(protocol, tls.NegotiatedApplicationProtocol);
        return tls;
    }
}
