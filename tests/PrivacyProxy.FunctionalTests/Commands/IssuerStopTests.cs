namespace PrivacyProxy.FunctionalTests.Commands;

public sealed class IssuerStopTests
{
    [Fact]
    public async Task Asked_to_stop_while_it_makes_its_keys_it_exits_well()
    {
        using var directory = new TemporaryDirectory();
        var data = directory.File("data");
        await using var issuer = ChildProcess.StartProduct(["issuer", "--urls", "http://127.0.0.1:0", "--data", data]);
        // The first thing that the making of keys leaves there.
        await TestTimes.UntilAsync(() => Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any());
        var exitCode = await issuer.TerminateAsync();
        Assert.True(exitCode == 0, $"{exitCode}: {issuer.Log}");
    }
}
