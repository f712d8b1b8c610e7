using Microsoft.Extensions.Time.Testing;
using PrivacyProxy.Admission;

namespace PrivacyProxy.Tests.Admission;

public sealed class IdleCollectionTests : IDisposable
{
    private const long Alive = 40L * 1024 * 1024;

    private readonly FakeTimeProvider _time = new();
    private readonly IdleCollection _collection;
    private long _allocated;
    private long _committed = Alive;
    private long _alive = Alive;
    private int _collections;

    public IdleCollectionTests()
    {
        _collection = new IdleCollection(_time, () => new IdleCollection.MemoryInUse(_allocated, _committed), () => (_collections, _committed) = (_collections + 1, _alive));
        _ = _collection.StartAsync(CancellationToken.None);
    }

    public void Dispose() => _collection.Dispose();

    [Fact]
    public void A_peak_is_given_back_once_it_is_quiet_and_only_then()
    {
        Allocate(1024L * 1024 * 1024);
        _time.Advance(IdleCollection.Interval);
        Assert.Equal(0, _collections);
        _time.Advance(IdleCollection.Interval);
        Assert.Equal(1, _collections);
        _time.Advance(100 * IdleCollection.Interval);
        Assert.Equal(1, _collections);
    }

    [Fact]
    public void Each_peak_is_given_back()
    {
        for (var peak = 1; peak <= 3; peak++)
        {
            Allocate(IdleCollection.Worth);
            _time.Advance(2 * IdleCollection.Interval);
            Assert.Equal(peak, _collections);
        }
    }

    [Fact]
    public void A_little_is_not_worth_a_pause()
    {
        Allocate(IdleCollection.Worth - Alive - 1);
        _time.Advance(100 * IdleCollection.Interval);
        Assert.Equal(0, _collections);
    }

    [Fact]
    public void Open_tunnels_and_light_traffic_are_paused_once_and_not_again_and_again()
    {
        _alive += 2 * IdleCollection.Worth;
        Allocate(2 * IdleCollection.Worth);
        for (var i = 0; i < 1000; i++)
        {
            // The runtime collects by itself what passes through: nothing more is held for it.
            _allocated += IdleCollection.Quiet / 2;
            _time.Advance(IdleCollection.Interval);
        }

        Assert.Equal(1, _collections);
    }

    private void Allocate(long bytes)
    {
        _allocated += bytes;
        _committed += bytes;
    }
}
