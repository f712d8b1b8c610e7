using PrivacyPass.SpentTokens.Memcached;
using PrivacyPass.SpentTokens.Memcached.Fleet;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Fleet;

public sealed class FleetRecordTests
{
    private static FleetPlacement Placement(string servers = "a:1,b:1,c:1", int replicas = 3, string prefix = "pp:", MemcachedTopology topology = MemcachedTopology.Nodes) =>
        FleetPlacement.Of(new MemcachedOptions { Servers = servers.Split(','), Replicas = replicas, KeyPrefix = prefix, Topology = topology });

    [Fact]
    public void A_placement_is_read_as_it_was_written_and_knows_no_order_of_servers()
    {
        var placement = Placement(prefix: "p:q:");
        Assert.Equal(placement, FleetPlacement.Parse(placement.ToString()));
        Assert.Equal(placement, Placement("c:1,a:1,b:1", prefix: "p:q:"));
        Assert.Null(FleetPlacement.Parse("something else"));
    }

    [Fact]
    public void Each_proxy_may_have_its_own_router_but_not_its_own_list_of_routers()
    {
        Assert.Equal(Placement("a:1", 1, topology: MemcachedTopology.Router), Placement("b:1", 1, topology: MemcachedTopology.Router));
        Assert.NotEqual(Placement(topology: MemcachedTopology.Router), Placement("a:1,b:1,d:1", topology: MemcachedTopology.Router));
    }

    [Theory]
    [InlineData("a:1,b:1,c:1", 1, "pp:", "Replicas (here 3, there 1)")]
    [InlineData("a:1,b:1,c:1,d:1", 3, "pp:", "Servers (here 3, there 4 of them)")]
    [InlineData("a:1,b:1,d:1", 3, "pp:", "Servers (as many, but others or spelt otherwise)")]
    [InlineData("a:1,b:1,c:1", 3, "xx:", "KeyPrefix (here pp:, there xx:)")]
    public void What_differs_is_named(string servers, int replicas, string prefix, string named)
    {
        Assert.Equal(named, new FleetRecord(Placement()).Judge(Placement(servers, replicas, prefix).ToString(), out var next));
        Assert.Null(next);
    }

    [Fact]
    public void Behind_a_router_the_number_of_markers_decides_too_and_a_proxy_that_knows_no_tags_neither_agrees_nor_is_agreed_with()
    {
        MemcachedOptions options = new() { Servers = ["a:1"], Topology = MemcachedTopology.Router };
        var tagged = FleetPlacement.Of(options);
        Assert.Equal(tagged, FleetPlacement.Parse(tagged.ToString()));
        options.Markers = 1024;
        Assert.Equal("Markers (here 512, there 1024)", new FleetRecord(tagged).Judge(FleetPlacement.Of(options).ToString(), out _));
        options.Markers = 0;
        var old = FleetPlacement.Of(options).ToString();
        Assert.StartsWith("1:Router:1:", old);
        Assert.Equal("Markers (here 512, there 0: keys without tags)", new FleetRecord(tagged).Judge(old, out _));
        // It read the second field as the name of a topology, and what it cannot read it does not serve beside.
        Assert.False(Enum.TryParse<MemcachedTopology>(tagged.ToString().Split(':')[1], out _));
        Assert.DoesNotContain("/", Placement().ToString());
    }

    [Fact]
    public void A_move_goes_from_the_old_alone_by_both_to_the_new_alone_and_nobody_goes_back()
    {
        var (older, newer) = (Placement(), Placement("a:1,d:1,e:1", prefix: "pq:"));
        var (old, moving, moved) = (new FleetRecord(older), new FleetRecord(older, newer), new FleetRecord(newer));
        var (onlyOld, both, onlyNew) = (FleetRecord.Value([older]), FleetRecord.Value([older, newer]), FleetRecord.Value([newer]));
        Assert.Null(moving.Judge(onlyOld, out var next));
        Assert.Equal(both, next);
        Assert.NotNull(moved.Judge(onlyOld, out _));
        Assert.Null(old.Judge(both, out next));
        Assert.Null(next);
        Assert.Null(moved.Judge(both, out next));
        Assert.Equal(onlyNew, next);
        Assert.Null(moving.Judge(onlyNew, out next));
        Assert.Null(next);
        Assert.NotNull(old.Judge(onlyNew, out _));
    }

    [Fact]
    public void What_a_newer_version_wrote_is_not_served_beside_and_said_to_be_newer()
    {
        var newer = $"v2:{Placement()}";
        Assert.Equal(
            "privacy-proxy/fleet is of format 2, which a newer version of this program wrote; this one knows 1",
            new FleetRecord(Placement()).Judge(newer, out var next));
        Assert.Null(next);
        Assert.Equal("what privacy-proxy/fleet holds cannot be read", new FleetRecord(Placement()).Judge("vague", out _));
    }

    [Fact]
    public void While_a_newer_version_still_keeps_this_format_both_serve_and_its_record_is_left_alone()
    {
        var both = $"{Placement()} v2:{Placement()}";
        Assert.Null(new FleetRecord(Placement()).Judge(both, out var next));
        Assert.Null(next);
        Assert.Null(new FleetRecord(Placement(), Placement(prefix: "pq:")).Judge(both, out next));
        Assert.Null(next);
    }
}
