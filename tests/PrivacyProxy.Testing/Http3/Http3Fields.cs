namespace PrivacyProxy.Testing.Http3;

/// <summary>The heads of requests.</summary>
internal static class Http3Fields
{
    public static KeyValuePair<string, string> Good { get; } = new("proxy-authorization", TestClient.GoodCredentials);

    public static KeyValuePair<string, string>[] Connect(string authority, params KeyValuePair<string, string>[] fields) =>
        [new(":method", "CONNECT"), new(":authority", authority), .. fields];

    /// <summary>Extended CONNECT (RFC 9220) for a templated tunnel.</summary>
    public static KeyValuePair<string, string>[] Extended(string protocol, string path, params KeyValuePair<string, string>[] fields) =>
    [
        new(":method", "CONNECT"), new(":protocol", protocol), new(":scheme", "https"), new(":authority", "proxy.test"), new(":path", path),
        new("capsule-protocol", "?1"), .. fields,
    ];
}
