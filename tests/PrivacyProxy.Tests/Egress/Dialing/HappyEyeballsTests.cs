using PrivacyProxy.Egress;
using PrivacyProxy.Egress.Dialing;
using PrivacyProxy.Egress.Resolution;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Egress.Dialing;

public sealed class HappyEyeballsTests
{
    private static readonly TimeSpan _never = TimeSpan.FromSeconds(100);
    private readonly TestDialer _dialer = new();
    private readonly TestResolver _resolver = new();

    [Fact]
    public async Task Families_are_tried_in_turn_IPv6_first_and_a_failure_starts_the_next_at_once()
    {
        _resolver.Answer6("2600::1", "2600::2").Answer4("8.8.8.1", "8.8.8.2", "8.8.8.3");
        foreach (var address in (string[])["2600::1", "8.8.8.1", "2600::2", "8.8.8.2"]) _dialer.Fails(address, ProxyStatusError.ConnectionRefused);
        _dialer.Connects("8.8.8.3");
        var connection = await ConnectAsync();
        Assert.NotNull(connection.Socket);
        Assert.Equal(["2600::1", "8.8.8.1", "2600::2", "8.8.8.2", "8.8.8.3"], _dialer.Dialled.Select(a => a.ToString()));
    }

    [Fact]
    public async Task A_slow_attempt_is_raced_and_the_first_to_connect_wins()
    {
        _resolver.Answer6("2600::1").Answer4("8.8.8.1");
        _dialer.Connects("8.8.8.1");
        var connection = await ConnectAsync(options => options.ConnectionAttemptDelay = TimeSpan.FromMilliseconds(10));
        Assert.NotNull(connection.Socket);
        Assert.Equal(["2600::1", "8.8.8.1"], _dialer.Dialled.Select(a => a.ToString()));
    }

    [Fact]
    public async Task A_loser_that_connects_all_the_same_is_closed()
    {
        _resolver.Answer6("2600::1").Answer4("8.8.8.1");
        _dialer.IgnoresCancellation = true;
        _dialer.Connects("8.8.8.1");
        var connection = await ConnectAsync(options => options.ConnectionAttemptDelay = TimeSpan.FromMilliseconds(10));
        var loser = _dialer.Connects("2600::1");
        Assert.True(SpinWait.SpinUntil(() => loser.SafeHandle.IsClosed, TimeSpan.FromSeconds(30)));
        Assert.False(connection.Socket!.SafeHandle.IsClosed);
    }

    [Fact]
    public async Task IPv4_does_not_wait_for_IPv6_answers_longer_than_the_resolution_delay()
    {
        _resolver.Answer4("8.8.8.1");
        _dialer.Connects("8.8.8.1");
        var connection = await ConnectAsync(options => options.ResolutionDelay = TimeSpan.FromMilliseconds(1));
        Assert.NotNull(connection.Socket);
    }

    [Fact]
    public async Task IPv6_answers_within_the_resolution_delay_come_first()
    {
        _resolver.Answer4("8.8.8.1");
        _dialer.Connects("2600::1");
        var connecting = ConnectAsync(options => options.ResolutionDelay = _never);
        _resolver.Answer6("2600::1");
        Assert.NotNull((await connecting).Socket);
        Assert.Equal(["2600::1"], _dialer.Dialled.Select(a => a.ToString()));
    }

    [Fact]
    public async Task Answers_that_come_during_the_race_join_it()
    {
        _resolver.Answer6("2600::1");
        _dialer.Fails("2600::1", ProxyStatusError.ConnectionRefused);
        _dialer.Connects("8.8.8.1");
        var connecting = ConnectAsync();
        _resolver.Answer4("8.8.8.1");
        Assert.NotNull((await connecting).Socket);
    }

    [Fact]
    public async Task A_failed_lookup_of_one_family_does_not_matter_when_the_other_connects()
    {
        _resolver.Answer6(AddressAnswer.Failed(2)).Answer4("8.8.8.1");
        _dialer.Connects("8.8.8.1");
        Assert.NotNull((await ConnectAsync()).Socket);
    }

    [Fact]
    public async Task The_most_telling_error_is_reported()
    {
        _resolver.Answer6("2600::1").Answer4("8.8.8.1", "8.8.8.2");
        _dialer.Fails("2600::1", ProxyStatusError.DestinationIpUnroutable);
        _dialer.Fails("8.8.8.1", ProxyStatusError.ConnectionRefused);
        _dialer.Fails("8.8.8.2", ProxyStatusError.ConnectionTimeout);
        Assert.Equal(ProxyStatusError.ConnectionRefused, (await ConnectAsync()).Error);
    }

    [Fact]
    public async Task Prohibited_addresses_are_passed_over_when_others_are_fine()
    {
        _resolver.Answer6("::1", "2600::1").Answer4("10.0.0.1", "8.8.8.1");
        _dialer.Fails("2600::1", ProxyStatusError.ConnectionRefused);
        _dialer.Connects("8.8.8.1");
        Assert.NotNull((await ConnectAsync()).Socket);
        Assert.Equal(["2600::1", "8.8.8.1"], _dialer.Dialled.Select(a => a.ToString()));
    }

    [Fact]
    public async Task Only_prohibited_addresses_are_an_error_and_nothing_is_dialled()
    {
        _resolver.Answer6("::1").Answer4("169.254.169.254");
        Assert.Equal(ProxyStatusError.DestinationIpProhibited, (await ConnectAsync()).Error);
        Assert.Empty(_dialer.Dialled);
    }

    [Fact]
    public async Task A_name_without_addresses_is_a_DNS_error_with_its_code()
    {
        _resolver.Answer6().Answer4();
        Assert.Equal(EgressConnection.Failed(ProxyStatusError.DnsError, "NOERROR"), await ConnectAsync());
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_a_DNS_error_with_its_code()
    {
        _resolver.Answer6(AddressAnswer.Timeout).Answer4(AddressAnswer.NoSuchName);
        Assert.Equal(EgressConnection.Failed(ProxyStatusError.DnsError, "NXDOMAIN"), await ConnectAsync());
    }

    [Fact]
    public async Task Time_that_runs_out_while_resolving_is_a_DNS_timeout() =>
        Assert.Equal(ProxyStatusError.DnsTimeout, (await ConnectAsync(options => options.ConnectTimeout = TimeSpan.FromMilliseconds(100))).Error);

    [Fact]
    public async Task Time_that_runs_out_while_connecting_is_a_connection_timeout()
    {
        _resolver.Answer6("2600::1").Answer4("8.8.8.1");
        Assert.Equal(ProxyStatusError.ConnectionTimeout, (await ConnectAsync(options => options.ConnectTimeout = TimeSpan.FromMilliseconds(100))).Error);
    }

    [Fact]
    public async Task A_client_that_leaves_cancels()
    {
        _resolver.Answer6("2600::1").Answer4("8.8.8.1");
        using var client = new CancellationTokenSource();
        var connecting = ConnectAsync(cancellationToken: client.Token);
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public async Task A_pool_without_IPv6_source_does_not_dial_IPv6()
    {
        _resolver.Answer6("2600::1").Answer4("8.8.8.1");
        _dialer.Connects("8.8.8.1");
        await ConnectAsync(options => options.Pools = [new PoolOptions { Addresses = ["127.0.0.1"] }]);
        Assert.Equal(["8.8.8.1"], _dialer.Dialled.Select(a => a.ToString()));
    }

    [Fact]
    public async Task A_port_that_is_not_allowed_is_denied_before_anything_is_resolved() =>
        Assert.Equal(ProxyStatusError.HttpRequestDenied, (await ConnectAsync(options => options.AllowedPorts = "80")).Error);

    [Fact]
    public async Task An_endless_list_of_addresses_is_cut()
    {
        _resolver.Answer6().Answer4([.. Enumerable.Range(1, 30).Select(i => $"8.8.8.{i}")]);
        for (var i = 1; i <= 30; i++) _dialer.Fails($"8.8.8.{i}", ProxyStatusError.ConnectionRefused);
        await ConnectAsync();
        Assert.Equal(8, _dialer.Dialled.Count);
    }

    private async Task<EgressConnection> ConnectAsync(Action<EgressOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        var options = EgressSetup.Options(egress =>
        {
            egress.ConnectionAttemptDelay = _never;
            egress.ConnectTimeout = _never;
            configure?.Invoke(egress);
        });
        var policy = EgressSetup.Policy(configure);
        var egress = new TcpEgress(new TargetLookup(policy, _resolver, new(options), options), _dialer, new LoopDialer(options), options);
        return await egress.ConnectAsync(new EgressRequest(new TunnelTarget("www.example.org", null, 443), null), cancellationToken)
            .AsTask().WaitAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
    }
}
