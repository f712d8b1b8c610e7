using Microsoft.Extensions.Time.Testing;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyPass.SpentTokens.Memcached.Routers;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Routers;

public sealed class RouterMarkersTests
{
    private const int Count = 4;
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = TestTokens.Clock();
    private readonly RouterMarkers _markers;
    private readonly List<NodeEpoch> _losses = [];

    public RouterMarkersTests() => _markers = new RouterMarkers("pp:", Count, _grace, _time, _losses.Add);

    private MarkerLook Old(int number) => new(MarkerLookKind.Seen, new NodeEpoch($"old{number}", _time.GetUtcNow().AddDays(-1)));

    private MarkerLook New(int number) => new(MarkerLookKind.Seen, new NodeEpoch($"new{number}", _time.GetUtcNow()));

    private void LookAtAll(Func<int, MarkerLook> look)
    {
        var failures = _markers.BeginLook();
        for (var number = 0; number < Count; number++) _markers.Take(number, look(number));
        _markers.EndLook(failures);
    }

    [Fact]
    public void They_are_known_once_all_have_been_looked_at_and_a_server_has_answered()
    {
        LookAtAll(static _ => MarkerLook.Away);
        Assert.False(_markers.IsKnown);
        _markers.Take(0, Old(0));
        Assert.True(_markers.IsKnown);
        Assert.Equal(Count - 1, _markers.AwayCount);
        Assert.Empty(_losses);
    }

    [Fact]
    public void Any_one_that_has_changed_is_a_loss_each_time_even_when_the_old_one_comes_back()
    {
        LookAtAll(Old);
        _markers.Take(2, New(2));
        _markers.Take(2, New(2));
        Assert.Single(_losses);
        _markers.Take(2, Old(2));
        Assert.Equal(2, _losses.Select(static epoch => epoch.Value).Distinct().Count());
    }

    [Fact]
    public void One_that_cannot_be_read_leaves_doubt_until_it_is_there_again_and_is_no_loss()
    {
        LookAtAll(Old);
        Assert.False(_markers.AreInDoubt);
        _markers.Take(1, MarkerLook.Away);
        Assert.True(_markers.AreInDoubt);
        Assert.Equal([1], _markers.Away());
        _markers.Take(1, Old(1));
        Assert.False(_markers.AreInDoubt);
        Assert.Empty(_losses);
    }

    [Fact]
    public void No_answer_changes_nothing()
    {
        LookAtAll(Old);
        _markers.Take(0, MarkerLook.None);
        Assert.False(_markers.AreInDoubt);
        Assert.Empty(_losses);
    }

    [Fact]
    public void One_that_comes_back_with_its_memory_but_is_owed_something_is_as_good_as_a_loss_once()
    {
        LookAtAll(Old);
        _markers.Take(1, MarkerLook.Away);
        _markers.Owe();
        _markers.Take(1, Old(1));
        Assert.Single(_losses);
        _markers.Take(1, MarkerLook.Away);
        _markers.Take(1, Old(1));
        Assert.Single(_losses);
    }

    [Fact]
    public void One_that_was_away_from_the_start_is_a_loss_if_it_began_just_now_and_none_if_it_is_old()
    {
        LookAtAll(number => number < 2 ? Old(number) : MarkerLook.Away);
        _markers.Take(2, Old(2));
        Assert.Empty(_losses);
        _markers.Take(3, New(3));
        Assert.Single(_losses);
    }

    [Fact]
    public void A_failure_leaves_doubt_until_all_have_been_looked_at_since()
    {
        LookAtAll(Old);
        var before = _markers.BeginLook();
        _markers.Fail();
        Assert.True(_markers.IsUnexplained);
        _markers.EndLook(before);
        Assert.True(_markers.AreInDoubt);
        LookAtAll(Old);
        Assert.False(_markers.AreInDoubt);
    }

    [Fact]
    public void A_marker_is_known_anew_only_after_the_loss_has_been_told()
    {
        var known = new List<byte[]?>();
        RouterMarkers? markers = null;
        markers = new RouterMarkers("pp:", Count, _grace, _time, _ => known.Add(markers!.Known(0)));
        for (var number = 0; number < Count; number++) markers.Take(number, Old(number));
        markers.EndLook(markers.BeginLook());
        Assert.Equal("old0"u8, markers.Known(0)!);
        markers.Take(0, New(0));
        Assert.Equal("old0"u8, Assert.Single(known)!);
        Assert.Equal("new0"u8, markers.Known(0)!);
    }

    [Fact]
    public void One_that_is_suspected_is_looked_at_again_as_if_it_were_away()
    {
        LookAtAll(Old);
        _markers.Suspect(3);
        Assert.True(_markers.AreInDoubt);
        Assert.True(_markers.IsAway(3));
        Assert.Equal([3], _markers.Away());
        _markers.Take(3, New(3));
        Assert.Single(_losses);
        Assert.False(_markers.AreInDoubt);
    }

    [Fact]
    public void Tokens_lie_elsewhere_when_many_were_stored_while_their_markers_were_away_and_few_are_chance()
    {
        LookAtAll(Old);
        _markers.Take(1, MarkerLook.Away);
        for (var i = 0; i < 15; i++) _markers.Stray();
        _markers.Take(1, Old(1));
        _markers.Take(1, MarkerLook.Away);
        _markers.Stray();
        Assert.False(_markers.AreElsewhere);
        for (var i = 0; i < 15; i++) _markers.Stray();
        Assert.True(_markers.AreElsewhere);
        _markers.Take(1, Old(1));
        Assert.True(_markers.AreElsewhere);
    }

    [Fact]
    public void A_marker_has_the_tag_of_the_keys_it_is_for_or_a_number_where_there_are_no_tags()
    {
        Assert.Equal($"pp:{KeyTag.Text(2)}epoch", _markers.Key(2));
        Assert.Equal(KeyTag.NumberOf(TestTokens.Key(1), Count), _markers.Beside(TestTokens.Key(1)));
        var untagged = new RouterMarkers("pp:", 0, _grace, _time, _losses.Add);
        Assert.Equal("pp:epoch2", untagged.Key(2));
        Assert.Equal(512, untagged.Count);
        Assert.Null(untagged.Beside(TestTokens.Key(1)));
    }

    [Fact]
    public void A_loss_is_told_before_the_doubt_ends()
    {
        var doubted = new List<bool>();
        RouterMarkers? markers = null;
        markers = new RouterMarkers("pp:", Count, _grace, _time, _ => doubted.Add(markers!.AreInDoubt));
        for (var number = 0; number < Count; number++) markers.Take(number, Old(number));
        markers.EndLook(markers.BeginLook());
        markers.Take(0, MarkerLook.Away);
        markers.Take(0, New(0));
        Assert.Equal([true], doubted);
    }
}
