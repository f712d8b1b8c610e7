using System.Net;
using System.Net.Sockets;
using PrivacyProxy.Egress.Resolution;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Egress.Resolution;

/// <summary>Name servers that answer short, oddly, late or not at all. Where a test gives a server ten minutes, it proves that nobody waits for it.</summary>
public sealed class OddAnswerTests
{
    private const string Name = "www.example.org";
    private const string Good = "93.184.215.14";
    private static readonly TimeSpan _forEver = TimeSpan.FromMinutes(10);
    private readonly ManualTime _time = new();

    /// <summary>Over UDP; over TCP the servers send the same.</summary>
    public static TheoryData<string> Oddities => new(_oddities.Keys);

    private static readonly Dictionary<string, Func<DnsTestQuestion, byte[]>> _oddities = new(StringComparer.Ordinal)
    {
        ["a bare header with FORMERR"] = q => Header(q, 0x81, 0x81),
        ["a bare header with SERVFAIL"] = q => Header(q, 0x81, 0x82),
        ["a bare header with NOTIMP"] = q => Header(q, 0x81, 0x84),
        ["a bare header with REFUSED"] = q => Header(q, 0x80, 0x05),
        ["a bare header without an error"] = q => Header(q, 0x81, 0x80),
        ["a bare header with NXDOMAIN"] = q => Header(q, 0x81, 0x83),
        ["a bare header that is cut"] = q => Header(q, 0x83, 0x80),
        ["half a header"] = q => Header(q, 0x81, 0x80)[..6],
        ["an id and flags"] = q => Header(q, 0x81, 0x82)[..4],
        ["REFUSED that claims a question and has none"] = q => [.. Header(q, 0x81, 0x85)[..5], 1, .. Header(q, 0, 0)[6..]],
        ["half a question"] = q => DnsTestReply.To(q).ToArray()[..20],
        ["FORMERR with the question"] = q => DnsTestReply.To(q).Rcode(1).ToArray(),
        ["NOTIMP with the question"] = q => DnsTestReply.To(q).Rcode(4).ToArray(),
        ["a code that nobody knows"] = q => DnsTestReply.To(q).Rcode(11).ToArray(),
        ["an address with another id"] = q => DnsTestReply.To(q).WrongId().Address(q.Name, "93.184.215.1").ToArray(),
        ["an address of another name"] = q => DnsTestReply.To(q).WrongQuestion().Address(q.Name, "93.184.215.1").ToArray(),
        ["the query itself"] = q => q.Message,
        ["nothing in a datagram"] = _ => [],
        ["answers that are not there"] = q => Edited(DnsTestReply.To(q), 7, 3),
        ["a referral to others"] = q => NotRecursive(DnsTestReply.To(q).Record(9, [0], 2, 300, DnsTestReply.Name("a.root-servers.example"))),
        ["no answer of no authority"] = q => NotRecursive(DnsTestReply.To(q)),
    };

    [Theory]
    [MemberData(nameof(Oddities))]
    public async Task What_is_no_answer_leads_to_the_next_server_at_once(string oddity)
    {
        await using var odd = new DnsTestServer(q => Task.FromResult<byte[][]>([_oddities[oddity](q)]));
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Address(q.Name, Good));
        using var resolver = Resolver(_forEver, odd.Address, server.Address);

        Assert.Equal([Good], await AddressesAsync(resolver));
    }

    [Theory]
    [InlineData("a bare header with SERVFAIL", "SERVFAIL")]
    [InlineData("a bare header with REFUSED", "REFUSED")]
    [InlineData("half a header", "SERVFAIL")]
    [InlineData("a referral to others", "SERVFAIL")]
    public async Task What_is_no_answer_of_any_server_is_an_error_at_once(string oddity, string rcode)
    {
        await using var odd = new DnsTestServer(q => Task.FromResult<byte[][]>([_oddities[oddity](q)]));
        using var resolver = Resolver(_forEver, odd.Address);

        var answer = await ResolveAsync(resolver);

        Assert.Equal((ProxyStatusError.DnsError, rcode), (answer.Error, answer.Rcode));
    }

    [Fact]
    public async Task Answers_to_something_else_and_then_silence_are_an_error_and_no_timeout()
    {
        await using var odd = new DnsTestServer(q => DnsTestReply.To(q).WrongId());
        using var resolver = Resolver(TimeSpan.FromMilliseconds(200), odd.Address);

        Assert.Equal(ProxyStatusError.DnsError, (await ResolveAsync(resolver)).Error);
    }

    [Fact]
    public async Task A_port_that_nobody_serves_is_an_error_at_once_and_leads_to_the_next_server()
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Address(q.Name, Good));
        var nobody = UnservedAddress();
        using var alone = Resolver(_forEver, nobody);
        using var first = Resolver(_forEver, nobody, server.Address);

        Assert.Equal(ProxyStatusError.DnsError, (await ResolveAsync(alone)).Error);
        Assert.Equal([Good], await AddressesAsync(first));
    }

    [Fact]
    public async Task A_cut_answer_of_a_server_without_TCP_leads_to_the_next()
    {
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Address(q.Name, Good));
        using var resolver = Resolver(_forEver, udp.Client.LocalEndPoint!.ToString()!, server.Address);

        var answer = AddressesAsync(resolver);
        var query = await udp.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await udp.SendAsync(DnsTestReply.To(DnsTestQuestion.Read(query.Buffer, isTcp: false, query.RemoteEndPoint)).Truncated().ToArray(), query.RemoteEndPoint);

        Assert.Equal([Good], await answer);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_name_that_leads_to_others_is_followed_where_the_server_does_not(int aliases)
    {
        await using var server = new DnsTestServer(q =>
        {
            var step = q.Name == Name ? 0 : int.Parse(q.Name.Split('.')[0]);
            return step < aliases ? DnsTestReply.To(q).Cname(q.Name, $"{step + 1}.example.net", ttl: 60) : DnsTestReply.To(q).Address(q.Name, Good, ttl: 3600);
        });
        using var resolver = Resolver(_forEver, server.Address);

        Assert.Equal([Good], await AddressesAsync(resolver));
        Assert.Equal(aliases + 1, server.Questions.Count);
        _time.Advance(TimeSpan.FromSeconds(61)); // the least of the chain
        Assert.Equal([Good], await AddressesAsync(resolver));
        Assert.Equal(2 * (aliases + 1), server.Questions.Count);
    }

    [Fact]
    public async Task A_name_that_leads_on_and_on_is_an_error()
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Cname(q.Name, q.Name.Length > 200 ? "x.example" : $"x{q.Name}"));
        using var resolver = Resolver(_forEver, server.Address);

        Assert.Equal(ProxyStatusError.DnsError, (await ResolveAsync(resolver)).Error);
        Assert.InRange(server.Questions.Count, 2, 20);
    }

    [Fact]
    public async Task An_address_of_an_odd_size_costs_only_itself()
    {
        await using var server = new DnsTestServer(q => DnsTestReply.To(q).Record(7, DnsTestReply.Name(q.Name), 1, 300, [1, 2, 3]).Address(q.Name, Good));
        using var resolver = Resolver(_forEver, server.Address);

        Assert.Equal([Good], await AddressesAsync(resolver));
    }

    [Fact]
    public async Task A_late_answer_is_taken_while_the_next_server_is_asked()
    {
        var secondIsAsked = new TaskCompletionSource();
        await using var late = new DnsTestServer(async q =>
        {
            await secondIsAsked.Task;
            return [DnsTestReply.To(q).Address(q.Name, Good).ToArray()];
        });
        await using var silent = new DnsTestServer(_ =>
        {
            secondIsAsked.TrySetResult();
            return Task.FromResult<byte[][]>([]);
        });
        using var resolver = Resolver(TimeSpan.FromSeconds(2), late.Address, silent.Address);

        Assert.Equal([Good], await AddressesAsync(resolver));
    }

    [Fact]
    public async Task A_server_that_was_silent_is_asked_last_until_it_answers_again()
    {
        var answers = false;
        var first = new TaskCompletionSource();
        await using var lazy = new DnsTestServer(q =>
        {
            if (!Volatile.Read(ref answers)) return Task.FromResult<byte[][]>([]);
            first.TrySetResult();
            return Task.FromResult<byte[][]>([DnsTestReply.To(q).Address(q.Name, "93.184.215.1").ToArray()]);
        });
        await using var good = new DnsTestServer(q => DnsTestReply.To(q).Address(q.Name, Good));
        using var resolver = Resolver(TimeSpan.FromSeconds(1), lazy.Address, good.Address);
        Assert.Equal([Good], await AddressesAsync(resolver, "a.example"));
        for (var i = 0; i < 20; i++) Assert.Equal([Good], await AddressesAsync(resolver, $"a{i}.example"));
        Assert.Single(lazy.Questions);

        // After a while it is tried beside a query that does not wait for it, by one of them only; silent, it stays last.
        _time.Advance(TimeSpan.FromSeconds(31));
        for (var i = 0; i < 20; i++) Assert.Equal([Good], await AddressesAsync(resolver, $"b{i}.example"));
        await UntilAsync(() => lazy.Questions.Count == 2);

        Volatile.Write(ref answers, true);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal([Good], await AddressesAsync(resolver, "c.example"));
        await first.Task.WaitAsync(TimeSpan.FromSeconds(30));
        for (var i = 0; ; i++)
        {
            Assert.True(i < 1000);
            if (await AddressesAsync(resolver, $"d{i}.example") is ["93.184.215.1"]) break;
            await Task.Delay(20);
        }
    }

    private static byte[] Header(DnsTestQuestion question, byte flags, byte code) => [question.Message[0], question.Message[1], flags, code, 0, 0, 0, 0, 0, 0, 0, 0];

    private static byte[] Edited(DnsTestReply reply, int index, byte value)
    {
        var message = reply.ToArray();
        message[index] = value;
        return message;
    }

    private static byte[] NotRecursive(DnsTestReply reply) => Edited(reply, 3, 0);

    private static string UnservedAddress()
    {
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return udp.Client.LocalEndPoint!.ToString()!;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition()) await Task.Delay(20, patience.Token);
    }

    private CachingResolver Resolver(TimeSpan timeout, params string[] servers) => EgressSetup.Resolver(_time, options => (options.Servers, options.Timeout) = (servers, timeout));

    private static async Task<AddressAnswer> ResolveAsync(CachingResolver resolver, string name = Name) =>
        await resolver.ResolveAsync(name, AddressFamily.InterNetwork, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    private static async Task<string[]> AddressesAsync(CachingResolver resolver, string name = Name)
    {
        var answer = await ResolveAsync(resolver, name);
        Assert.Equal(ProxyStatusError.None, answer.Error);
        return [.. answer.Addresses.Select(address => address.ToString())];
    }
}
