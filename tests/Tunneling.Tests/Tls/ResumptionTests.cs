using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Tunneling.Tls;

namespace Tunneling.Tests.Tls;

public sealed class ResumptionTests : IDisposable
{
    private static readonly TestAuthority _authority = new();
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [SkippableTheory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_ticket_is_taken_by_another_process_with_the_same_keys(string version)
    {
        var key = RandomNumberGenerator.GetBytes(TicketKeys.KeySize);
        using var one = NewServer(TicketKeys.Shared(key));
        using var other = NewServer(TicketKeys.Shared(key));
        Assert.False(await Connect(one, version, give: null));
        Assert.True(await Connect(other, version, give: "ticket"));
    }

    [SkippableTheory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_ticket_of_other_keys_is_a_full_handshake(string version)
    {
        using var one = NewServer(TicketKeys.Random(TimeProvider.System));
        using var other = NewServer(TicketKeys.Random(TimeProvider.System));
        Assert.False(await Connect(one, version, give: null));
        Assert.False(await Connect(other, version, give: "ticket"));
    }

    [SkippableTheory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Random_keys_rotate_and_old_tickets_are_taken_for_their_lifetime(string version)
    {
        var clock = new FakeTimeProvider();
        using var server = NewServer(TicketKeys.Random(clock));
        Assert.False(await Connect(server, version, give: null, keep: "old"));
        clock.Advance(TimeSpan.FromMinutes(90));
        Assert.True(await Connect(server, version, give: "old"));
        clock.Advance(TimeSpan.FromMinutes(95));
        Assert.False(await Connect(server, version, give: "old", keep: "new"));
        Assert.True(await Connect(server, version, give: "new"));
    }

    [SkippableFact]
    public async Task Keys_from_outside_are_replaced_while_old_ones_still_open_tickets()
    {
        var (first, second, third) = (RandomNumberGenerator.GetBytes(80), RandomNumberGenerator.GetBytes(80), RandomNumberGenerator.GetBytes(80));
        var keys = TicketKeys.Shared(first);
        using var server = NewServer(keys);
        Assert.False(await Connect(server, "-tls1_3", give: null, keep: "ticket"));
        keys.Use(second, first);
        Assert.True(await Connect(server, "-tls1_3", give: "ticket", keep: "renewed"));
        keys.Use(third, second);
        Assert.False(await Connect(server, "-tls1_3", give: "ticket"));
        Assert.True(await Connect(server, "-tls1_3", give: "renewed"));
    }

    [SkippableFact]
    public async Task A_ticket_survives_a_new_certificate()
    {
        using var server = NewServer(TicketKeys.Random(TimeProvider.System));
        Assert.False(await Connect(server, "-tls1_3", give: null, keep: "ticket"));
        server.Context.Use(TlsCertificate.From(_authority.Issue()));
        Assert.True(await Connect(server, "-tls1_3", give: "ticket"));
    }

    [SkippableTheory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Where_clients_are_asked_for_certificates_there_is_no_resumption(string version)
    {
        var key = TicketKeys.Shared(RandomNumberGenerator.GetBytes(TicketKeys.KeySize));
        using var open = NewServer(key);
        using var asking = NewServer(key, ClientCertificates.Optional);
        Assert.False(await Connect(open, version, give: null, keep: "open"));
        Assert.False(await Connect(asking, version, give: "open", keep: "asking"));
        if (File.Exists(Path.Combine(_folder, "asking"))) Assert.False(await Connect(asking, version, give: "asking"));
    }

    [SkippableFact]
    public async Task Early_data_is_not_offered()
    {
        using var server = NewServer(TicketKeys.Random(TimeProvider.System));
        await Connect(server, "-tls1_3", give: null, keep: "ticket");
        Assert.Contains("Max Early Data: 0", await Tool.Run("openssl", "", "sess_id", "-in", Path.Combine(_folder, "ticket"), "-text", "-noout"), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_another_size_or_twice_the_same_name_are_refused()
    {
        var key = RandomNumberGenerator.GetBytes(TicketKeys.KeySize);
        Assert.Throws<ArgumentException>(() => TicketKeys.Shared());
        Assert.Throws<ArgumentException>(() => TicketKeys.Shared(new byte[48]));
        Assert.Throws<ArgumentException>(() => TicketKeys.Shared(key, key));
        Assert.Throws<InvalidOperationException>(() => TicketKeys.Random(TimeProvider.System).Use(key));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Connects with a ticket or without; whether it was taken, as both sides say.</summary>
    private async Task<bool> Connect(TlsTestServer server, string version, string? give, string keep = "ticket")
    {
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            end.WriteAll("hello"u8.ToArray());
            end.Shutdown();
            return end.Session.IsResumed;
        });
        string[] given = give is null ? [] : ["-sess_in", Path.Combine(_folder, give)];
        var said = await Tool.SClient(server.Port, [version, "-sess_out", Path.Combine(_folder, keep), .. given]);
        var resumed = await serving;
        Assert.Contains(resumed ? "Reused, TLSv" : "New, TLSv", said, StringComparison.Ordinal);
        return resumed;
    }

    private static TlsTestServer NewServer(TicketKeys keys, ClientCertificates clients = ClientCertificates.None) =>
        new(new TlsServerContext(new TlsServerOptions { TicketKeys = keys, ClientCertificates = clients }, TlsCertificate.From(_authority.Issue())));
}
