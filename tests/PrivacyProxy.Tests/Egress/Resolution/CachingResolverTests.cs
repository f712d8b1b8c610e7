using System.Net;
using System.Net.Sockets;
using PrivacyProxy.Egress;
using PrivacyProxy.Egress.Resolution;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Egress.Resolution;

public sealed class CachingResolverTests
{
    private const string Name = "www.example.org";
    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_and_AAAA_are_answered_by_family()
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Address(q.Name, q.IsA ? "93.184.215.14" : "2606:2800::1"));
        using var resolver = Resolver(server);
        Assert.Equal(["93.184.215.14"], await AddressesAsync(resolver));
        Assert.Equal(["2606:2800::1"], await AddressesAsync(resolver, AddressFamily.InterNetworkV6));
    }

    [Fact]
    public async Task A_truncated_answer_is_asked_for_again_over_TCP()
    {
        await using var server = new DnsTestServer(q => q.IsTcp
            ? Enumerable.Range(1, 30).Aggregate(DnsTestReply.To(q), (reply, i) => reply.Address(q.Name, $"93.184.215.{i}"))
            : DnsTestReply.To(q).Truncated());
        using var resolver = Resolver(server);
        Assert.Equal(30, (await AddressesAsync(resolver)).Length);
        Assert.Equal([false, true], server.Questions.Select(q => q.IsTcp));
    }

    [Fact]
    public async Task Answers_with_a_wrong_id_or_question_are_ignored()
    {
        await using var server = new DnsTestServer(q => Task.FromResult<byte[][]>(
        [
            DnsTestReply.To(q).WrongId().Address(q.Name, "93.184.215.1").ToArray(),
            DnsTestReply.To(q).WrongQuestion().Address(q.Name, "93.184.215.2").ToArray(),
            q.Message, // our own query back
            [],
            [1, 2, 3],
            DnsTestReply.To(q).Address(q.Name, "93.184.215.14").ToArray(),
        ]));
        using var resolver = Resolver(server);
        Assert.Equal(["93.184.215.14"], await AddressesAsync(resolver));
    }

    [Fact]
    public async Task A_flood_of_wrong_answers_leads_to_TCP()
    {
        await using var server = new DnsTestServer(q => Task.FromResult<byte[][]>(q.IsTcp
            ? [DnsTestReply.To(q).Address(q.Name, "93.184.215.14").ToArray()]
            : [.. Enumerable.Repeat(DnsTestReply.To(q).WrongId().Address(q.Name, "93.184.215.1").ToArray(), 40)]));
        using var resolver = Resolver(server);
        Assert.Equal(["93.184.215.14"], await AddressesAsync(resolver));
    }

    [Fact]
    public async Task Each_query_has_its_own_id_and_port()
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Address(q.Name, "93.184.215.14"));
        using var resolver = Resolver(server);
        for (var i = 0; i < 20; i++) await AddressesAsync(resolver, name: $"host{i}.example");
        Assert.True(server.Questions.Select(q => (q.Message[0] << 8) | q.Message[1]).Distinct().Count() > 15);
        Assert.True(server.Questions.Select(q => ((IPEndPoint)q.Client).Port).Distinct().Count() > 10);
    }

    [Fact]
    public async Task An_alias_chain_is_followed_in_any_order_and_case()
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q)
            .Address("Cdn.Example.NET", "93.184.215.14")
            .Address("other.example", "93.184.215.1")
            .Cname("edge.example.com", "cdn.example.net")
            .Cname(q.Name, "EDGE.example.com"));
        using var resolver = Resolver(server);
        Assert.Equal(["93.184.215.14"], await AddressesAsync(resolver));
    }

    [Fact]
    public async Task An_alias_loop_is_an_error_not_a_hang()
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Cname(q.Name, "b.example").Cname("b.example", q.Name));
        using var resolver = Resolver(server);
        Assert.Equal(ProxyStatusError.DnsError, (await ResolveAsync(resolver)).Error);
    }

    [Fact]
    public async Task A_compression_loop_is_an_error_not_a_hang()
    {
        await using var server = new DnsTestServer(q =>
        {
            var reply = DnsTestReply.To(q);
            return reply.Record(7, [0xc0, (byte)reply.Length], 1, 300, [93, 184, 215, 14]);
        });
        using var resolver = Resolver(server);
        var answer = await ResolveAsync(resolver);
        Assert.Equal((ProxyStatusError.DnsError, "SERVFAIL"), (answer.Error, answer.Rcode));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_server_that_fails_or_refuses_leads_to_the_next(int rcode)
    {
        await using var failing = new DnsTestServer(q => DnsTestReply.To(q).Rcode(rcode));
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Address(q.Name, "93.184.215.14"));
        using var resolver = Resolver(failing, server);
        Assert.Equal(["93.184.215.14"], await AddressesAsync(resolver));
        Assert.Single(failing.Questions);
    }

    [Fact]
    public async Task A_silent_server_leads_to_the_next()
    {
        await using var silent = DnsTestServer.Silent();
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Address(q.Name, "93.184.215.14"));
        using var resolver = Resolver(options => options.Timeout = TimeSpan.FromSeconds(2), silent, server);
        Assert.Equal(["93.184.215.14"], await AddressesAsync(resolver));
    }

    [Fact]
    public async Task Silence_of_all_servers_is_a_timeout_after_the_configured_attempts()
    {
        await using var silent = DnsTestServer.Silent();
        using var resolver = Resolver(options => (options.Timeout, options.Attempts) = (TimeSpan.FromSeconds(1), 3), silent);
        Assert.Equal(ProxyStatusError.DnsTimeout, (await ResolveAsync(resolver)).Error);
        Assert.Equal(3, silent.Questions.Count);
    }

    [Fact]
    public async Task A_failure_of_all_servers_tells_the_response_code()
    {
        await using var failing = new DnsTestServer(q => DnsTestReply.To(q).Rcode(5));
        using var resolver = Resolver(failing);
        var answer = await ResolveAsync(resolver);
        Assert.Equal((ProxyStatusError.DnsError, "REFUSED"), (answer.Error, answer.Rcode));
    }

    [Fact]
    public async Task NXDOMAIN_is_kept_as_long_as_the_SOA_says_and_bounds_allow()
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Rcode(3).Soa(ttl: 3600, minimum: 30));
        using var resolver = Resolver(server);
        for (var i = 0; i < 3; i++)
        {
            var answer = await ResolveAsync(resolver);
            Assert.Equal((ProxyStatusError.DnsError, "NXDOMAIN"), (answer.Error, answer.Rcode));
        }

        Assert.Single(server.Questions);
        _time.Advance(TimeSpan.FromSeconds(31));
        await ResolveAsync(resolver);
        Assert.Equal(2, server.Questions.Count);
    }

    [Fact]
    public async Task The_absence_of_a_record_is_an_answer_and_is_kept()
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Soa(ttl: 3600, minimum: 3600));
        using var resolver = Resolver(server);
        Assert.Empty(await AddressesAsync(resolver));
        Assert.Empty(await AddressesAsync(resolver));
        Assert.Single(server.Questions);
        _time.Advance(TimeSpan.FromSeconds(61)); // the bound
        await ResolveAsync(resolver);
        Assert.Equal(2, server.Questions.Count);
    }

    [Fact]
    public async Task An_absence_without_SOA_is_not_kept()
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Rcode(3));
        using var resolver = Resolver(server);
        await ResolveAsync(resolver);
        await ResolveAsync(resolver);
        Assert.Equal(2, server.Questions.Count);
    }

    [Theory]
    [InlineData(100u, 99, 101)]
    [InlineData(0u, 4, 6)] // raised to the minimum
    [InlineData(1_000_000u, 3599, 3601)] // lowered to the maximum
    [InlineData(0x80000001u, 4, 6)] // RFC 2181: taken as 0
    public async Task An_answer_is_kept_for_its_TTL_within_bounds(uint ttl, int keptAt, int goneAt)
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Cname(q.Name, "b.example", 1_000_000).Address("b.example", "93.184.215.14", ttl));
        using var resolver = Resolver(server);
        await ResolveAsync(resolver);
        _time.Advance(TimeSpan.FromSeconds(keptAt));
        await ResolveAsync(resolver);
        Assert.Single(server.Questions);
        _time.Advance(TimeSpan.FromSeconds(goneAt - keptAt));
        await ResolveAsync(resolver);
        Assert.Equal(2, server.Questions.Count);
    }

    [Fact]
    public async Task All_who_ask_at_once_share_one_query()
    {
        var release = new TaskCompletionSource();
        await using var server = new DnsTestServer(async q =>
        {
            await release.Task;
            return [DnsTestReply.To(q).Address(q.Name, "93.184.215.14").ToArray()];
        });
        using var resolver = Resolver(options => (options.MinimumTtl, options.MaximumTtl) = (TimeSpan.Zero, TimeSpan.Zero), server);
        var lookups = Enumerable.Range(0, 50).Select(_ => ResolveAsync(resolver)).ToList();
        release.SetResult();
        var answers = await Task.WhenAll(lookups);
        Assert.All(answers, answer => Assert.Single(answer.Addresses));
        Assert.Single(server.Questions);
    }

    [Fact]
    public async Task One_who_leaves_takes_the_query_from_nobody()
    {
        var release = new TaskCompletionSource();
        await using var server = new DnsTestServer(async q =>
        {
            await release.Task;
            return [DnsTestReply.To(q).Address(q.Name, "93.184.215.14").ToArray()];
        });
        using var resolver = Resolver(server);
        using var impatient = new CancellationTokenSource();
        var left = resolver.ResolveAsync(Name, AddressFamily.InterNetwork, impatient.Token).AsTask();
        var stayed = ResolveAsync(resolver);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        release.SetResult();
        Assert.Single((await stayed).Addresses);
    }

    [Fact]
    public async Task The_cache_stays_within_its_bound()
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Address(q.Name, "93.184.215.14"));
        using var resolver = Resolver(options => options.CacheEntries = 16, server);
        for (var i = 0; i < 100; i++)
        {
            await AddressesAsync(resolver, name: $"host{i}.example");
            Assert.InRange(resolver.CachedAnswers, 1, 16);
        }
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("a.b.localhost")]
    public async Task Localhost_is_loopback_without_a_query(string name)
    {
        await using var server = DnsTestServer.Silent();
        using var resolver = Resolver(server);
        Assert.Equal(["127.0.0.1"], await AddressesAsync(resolver, name: name));
        Assert.Equal(["::1"], await AddressesAsync(resolver, AddressFamily.InterNetworkV6, name));
        Assert.Empty(server.Questions);
    }

    [Theory]
    [InlineData("service.onion")]
    [InlineData("name.invalid")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f.0x1")]
    [InlineData("double..dot")]
    [InlineData(".leading")]
    [InlineData("sp ace.example")]
    [InlineData("bücher.example")]
    [InlineData("a-label-that-is-longer-than-sixty-three-characters-which-is-what-dns-permits.example")]
    public async Task Names_that_are_not_for_DNS_do_not_exist_and_are_not_asked_for(string name)
    {
        await using var server = DnsTestServer.Silent();
        using var resolver = Resolver(server);
        var answer = await ResolveAsync(resolver, name: name);
        Assert.Equal((ProxyStatusError.DnsError, "NXDOMAIN"), (answer.Error, answer.Rcode));
        Assert.Empty(server.Questions);
    }

    [Fact]
    public async Task With_random_case_an_answer_in_another_case_does_not_count()
    {
        await using var server = new DnsTestServer(q => Task.FromResult<byte[][]>(
        [
            DnsTestReply.To(q).UpperCaseQuestion().Address(Name, "93.184.215.1").ToArray(),
            DnsTestReply.To(q).Address(Name, "93.184.215.14").ToArray(),
        ]));
        const string letters = "abcdefghijklmnopqrstuvwxyz.abcdefghijklmnopqrstuvwxyz";
        using var resolver = Resolver(options => options.RandomizeCase = true, server);
        await ResolveAsync(resolver, name: letters);
        // An answer in another case is none: the server is asked again, at once.
        var asked = server.Questions.First().Name;
        Assert.Equal(letters, asked, ignoreCase: true);
        Assert.NotEqual(letters, asked);
        Assert.NotEqual(letters.ToUpperInvariant(), asked);
    }

    [Fact]
    public async Task The_hosts_file_comes_before_servers_and_is_read_again_when_it_changes()
    {
        var hosts = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(hosts, "# comment\n192.0.2.7 Intranet.Example alias # more\nnot-an-address x\n2001:db8::7 alias\n");
            var written = File.GetLastWriteTimeUtc(hosts);
            await using var server = new DnsTestServer(q => DnsTestReply.To(q).Address(q.Name, "93.184.215.14"));
            var options = EgressSetup.Options(o => o.Resolver.Servers = [server.Address]);
            using var system = new SystemNames(options.Value.Resolver, _time, hosts, "/nonexistent");
            using var resolver = new CachingResolver(options, system, new DnsClient(options, system, _time), _time);
            Assert.Equal(["192.0.2.7"], await AddressesAsync(resolver, name: "intranet.example"));
            Assert.Empty(await AddressesAsync(resolver, AddressFamily.InterNetworkV6, "intranet.example"));
            Assert.Equal(["2001:db8::7"], await AddressesAsync(resolver, AddressFamily.InterNetworkV6, "alias"));
            Assert.Empty(server.Questions);

            await File.WriteAllTextAsync(hosts, "192.0.2.8 intranet.example\n");
            // As when it is written twice within a tick of the system's clock.
            File.SetLastWriteTimeUtc(hosts, written);
            system.Refresh();
            Assert.Equal(["192.0.2.8"], await AddressesAsync(resolver, name: "intranet.example"));
            Assert.Equal(["93.184.215.14"], await AddressesAsync(resolver, name: "alias"));
        }
        finally
        {
            File.Delete(hosts);
        }
    }

    private static async Task<AddressAnswer> ResolveAsync(CachingResolver resolver, AddressFamily family = AddressFamily.InterNetwork, string name = Name) =>
        await resolver.ResolveAsync(name, family, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    private static async Task<string[]> AddressesAsync(CachingResolver resolver, AddressFamily family = AddressFamily.InterNetwork, string name = Name)
    {
        var answer = await ResolveAsync(resolver, family, name);
        Assert.Equal(ProxyStatusError.None, answer.Error);
        return [.. answer.Addresses.Select(address => address.ToString())];
    }

    private CachingResolver Resolver(params DnsTestServer[] servers) => Resolver(_ => { }, servers);

    private CachingResolver Resolver(Action<ResolverOptions> configure, params DnsTestServer[] servers) => EgressSetup.Resolver(_time, options =>
    {
        options.Servers = [.. servers.Select(server => server.Address)];
        options.Timeout = TimeSpan.FromSeconds(5);
        configure(options);
    });
}
