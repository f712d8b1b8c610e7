using PrivacyPass.SpentTokens.Memcached.Nodes;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Nodes;

public sealed class NodeMemoryTests
{
    [Fact]
    public void What_a_server_tells_of_its_memory_is_read()
    {
        var memory = NodeMemory.Read("STAT pid 1\r\nSTAT bytes 59278592\r\nSTAT limit_maxbytes 67108864\r\nSTAT evictions 3\r\nEND\r\n", "STAT maxbytes 1\r\nSTAT evictions on\r\nEND\r\n");
        Assert.Equal(new NodeMemory(true, 3, 59_278_592, 67_108_864), memory);
        // Measured: this one had no room left.
        Assert.True(memory.IsNearlyFull);
        Assert.Equal(0.88, memory.UsedShare!.Value, 2);
        Assert.False(NodeMemory.Read("STAT bytes 50000000\r\nSTAT limit_maxbytes 67108864\r\n", "STAT evictions off\r\n").IsNearlyFull);
        Assert.False(NodeMemory.Read(null, "STAT evictions off\r\nEND\r\n").Evicts);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", "END\r\n")]
    [InlineData("ERROR\r\n", "SERVER_ERROR no such thing\r\n")]
    [InlineData("STAT bytes many\r\nSTAT limit_maxbytes\r\nSTAT evictions -1\r\n", "STAT evictions perhaps\r\n")]
    public void What_it_does_not_tell_stays_unknown_and_warns_of_nothing(string? stats, string? settings)
    {
        var memory = NodeMemory.Read(stats, settings);
        Assert.Equal(new NodeMemory(null, null, null, null), memory);
        Assert.False(memory.IsNearlyFull);
        Assert.Null(memory.UsedShare);
    }
}
