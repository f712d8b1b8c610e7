using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MsQuic.Tests;

/// <summary>Who shows which certificate in a handshake, and who trusts it.</summary>
public sealed class CertificateTests
{
    [SkippableFact]
    public async Task A_server_that_is_not_trusted_is_left()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer();
        await using var listener = QuicPair.Listen(forServer);
        // As the machine trusts: not a certificate made here.
        using var forClient = QuicConfiguration.ForClient([QuicPair.Protocol], QuicPair.Settings);
        var e = await Assert.ThrowsAsync<QuicException>(() => QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit));
        Assert.Equal(QuicError.HandshakeFailed, e.Error);
        await QuicPair.UntilAsync(() => listener.Pending == 0);
    }

    [SkippableFact]
    public async Task What_is_wrong_with_a_certificate_is_told_to_who_judges_it()
    {
        QuicPair.RequireLibrary();
        var authority = new TestAuthority();
        using var leaf = authority.Issue(["other.test"]);
        using var forServer = QuicConfiguration.ForServer([QuicPair.Protocol], QuicPair.Settings, leaf, []);
        await using var listener = QuicPair.Listen(forServer);
        var seen = SslPolicyErrors.None;
        using var forClient = QuicConfiguration.ForClient([QuicPair.Protocol], QuicPair.Settings, (_, certificate, chain, errors) =>
        {
            seen = errors;
            return certificate is not null && chain is not null;
        });
        await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
        Assert.Equal(SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch, seen);
    }

    [SkippableFact]
    public async Task A_server_shows_the_certificate_of_the_name_that_is_asked_for_with_its_chain()
    {
        QuicPair.RequireLibrary();
        var root = new TestAuthority();
        var intermediate = root.Intermediate("Below");
        using var leaf = intermediate.Issue(["localhost"]);
        using var configured = QuicConfiguration.ForServer([QuicPair.Protocol], QuicPair.Settings, leaf, [intermediate.Certificate]);
        var asked = "";
        await using var listener = QuicListener.Listen(new QuicListenerOptions
        {
            EndPoint = new IPEndPoint(IPAddress.IPv6Loopback, 0),
            ApplicationProtocols = [QuicPair.Protocol],
            Configure = (hello, _) =>
            {
                asked = hello.ServerName;
                return new ValueTask<QuicConfiguration?>(configured);
            },
        });
        using var forClient = QuicConfiguration.ForClient([QuicPair.Protocol], QuicPair.Settings, (_, certificate, chain, errors) =>
        {
            // The intermediate came from the server.
            using var again = new X509Chain();
            again.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            again.ChainPolicy.CustomTrustStore.Add(root.Certificate);
            again.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            again.ChainPolicy.ExtraStore.AddRange(chain!.ChainPolicy.ExtraStore);
            return !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && again.Build((X509Certificate2)certificate!);
        });
        await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
        Assert.Equal("localhost", asked);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_wants_a_certificate_takes_only_clients_that_show_one(bool hasOne)
    {
        QuicPair.RequireLibrary();
        using var certificate = TestCertificate.CreateForClient("CN=client");
        string? subject = null;
        using var forServer = QuicPair.ForServer(validateClient: (_, shown, _, _) => (subject = shown?.Subject) == "CN=client");
        await using var listener = QuicPair.Listen(forServer);
        using var forClient = QuicPair.ForClient(certificate: hasOne ? certificate : null);
        if (hasOne)
        {
            await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
            await using var server = await listener.AcceptAsync().AsTask().WaitAsync(QuicPair.Limit);
            Assert.Equal("CN=client", server!.PeerCertificate!.Subject);
            return;
        }

        // In TLS 1.3 a client is through before its certificate is judged: it may learn of the refusal only afterwards.
        var e = await Record.ExceptionAsync(async () =>
        {
            await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
            throw await connection.Closed.WaitAsync(QuicPair.Limit);
        });
        Assert.Equal(QuicError.HandshakeFailed, Assert.IsType<QuicException>(e).Error);
        Assert.Null(subject);
    }

    [SkippableFact]
    public async Task A_server_that_asks_for_a_certificate_may_take_clients_that_show_none()
    {
        QuicPair.RequireLibrary();
        using var forServer = QuicPair.ForServer(validateClient: static (_, _, _, _) => true);
        await using var listener = QuicPair.Listen(forServer);
        using var forClient = QuicPair.ForClient();
        await using var connection = await QuicConnection.ConnectAsync(QuicPair.To(listener.EndPoint, forClient)).AsTask().WaitAsync(QuicPair.Limit);
        await using var server = await listener.AcceptAsync().AsTask().WaitAsync(QuicPair.Limit);
        Assert.Null(server!.PeerCertificate);
        await using var stream = await connection.OpenStreamAsync(bidirectional: true).AsTask().WaitAsync(QuicPair.Limit);
        await stream.Output.WriteAsync(new byte[] { 1 });
        await using var accepted = await server.AcceptStreamAsync().AsTask().WaitAsync(QuicPair.Limit);
    }
}
