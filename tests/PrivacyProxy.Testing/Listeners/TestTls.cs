using System.Net.Security;
using Tunneling.SslStreams;

namespace PrivacyProxy.Testing.Listeners;

internal static class TestTls
{
    public static async Task<SslStream> AuthenticateAsync(Stream stream, SslApplicationProtocol protocol)
    {
        var tls = new HalfClosingSslStream(stream);
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
