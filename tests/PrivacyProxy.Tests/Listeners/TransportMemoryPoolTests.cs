using PrivacyProxy.Listeners;

namespace PrivacyProxy.Tests.Listeners;

public class TransportMemoryPoolTests
{
    [Fact]
    public void A_returned_block_is_lent_again_to_one_only_even_if_returned_twice()
    {
        using var pool = new TransportMemoryPool();
        var first = pool.Rent();
        var bytes = first.Memory;
        first.Dispose();
        first.Dispose();
        using var second = pool.Rent();
        using var third = pool.Rent();
        Assert.Equal(bytes, second.Memory);
        Assert.NotEqual(bytes, third.Memory);
        Assert.Equal(TransportMemoryPool.BlockSize, third.Memory.Length);
    }

    [Fact]
    public void More_than_a_block_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransportMemoryPool().Rent(TransportMemoryPool.BlockSize + 1));
}
