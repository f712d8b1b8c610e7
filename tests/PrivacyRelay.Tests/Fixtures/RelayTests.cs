namespace PrivacyRelay.Tests.Fixtures;

/// <summary>A relay in front of a proxy that takes the tokens of a mint, and an echo server behind it; new for each test.</summary>
public abstract class RelayTests : IAsyncLifetime
{
    private protected TokenMint Mint { get; } = new();

    private protected FakeProxy Proxy { get; private set; } = null!;

    private protected TestRelay Relay { get; private set; } = null!;

    private protected LoopbackServer Echo { get; private set; } = null!;

    public Task InitializeAsync()
    {
        Echo = LoopbackServer.Echo();
        Proxy = new FakeProxy(Mint);
        Relay = TestRelay.Start(Mint, Proxy);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await Relay.DisposeAsync();
        await Proxy.DisposeAsync();
        await Echo.DisposeAsync();
        Mint.Dispose();
    }
}
