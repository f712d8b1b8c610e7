namespace PrivacyProxy.Testing.Listeners.Templated;

/// <summary>What answers to requests for templated tunnels hold.</summary>
internal static class TemplatedAnswer
{
    /// <summary>101 or 200 with everything that its RFCs ask for, and nothing of a body.</summary>
    public static void IsAcceptance(TestAnswer answer, TestWay way, string protocol)
    {
        var isUpgrade = way is TestWay.Http1 or TestWay.Http1Native or TestWay.Http1Tls or TestWay.Http1NativeTls;
        Assert.Equal(isUpgrade ? 101 : 200, answer.Status);
        Assert.Equal(isUpgrade ? protocol : null, answer["upgrade"]);
        Assert.Equal(isUpgrade ? "Upgrade" : null, answer["connection"]);
        Assert.Equal("?1", answer["capsule-protocol"]);
        Assert.Equal("privacy-proxy", answer["proxy-status"]);
        Assert.Matches("^proxy;dur=[0-9.]+$", answer["server-timing"]);
        foreach (var absent in new[] { "content-length", "content-type", "transfer-encoding", "alt-svc" }) Assert.Null(answer[absent]);
    }
}
