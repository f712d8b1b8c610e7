using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Wire;

public sealed class MemcachedEndpointTests
{
    [Theory]
    [InlineData("localhost:11211", "localhost", 11211, null)]
    [InlineData("127.0.0.1:1", "127.0.0.1", 1, null)]
    [InlineData("[::1]:65535", "::1", 65535, null)]
    [InlineData("cache-0.cache.svc.cluster.local:11211", "cache-0.cache.svc.cluster.local", 11211, null)]
    [InlineData("api-.cache_1.test:11211", "api-.cache_1.test", 11211, null)]
    [InlineData("unix:/run/memcached.sock", "", 0, "/run/memcached.sock")]
    public void Names_addresses_and_unix_sockets_are_read(string text, string host, int port, string? path)
    {
        Assert.True(MemcachedEndpoint.TryParse(text, out var endpoint));
        Assert.Equal((host, port, path), (endpoint.Host, endpoint.Port, endpoint.UnixPath));
        Assert.Equal(text, endpoint.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("localhost:")]
    [InlineData(":11211")]
    [InlineData("localhost:0")]
    [InlineData("localhost:65536")]
    [InlineData("localhost:+1")]
    [InlineData("::1:11211")]
    [InlineData("[::1]")]
    [InlineData("[127.0.0.1]:11211")]
    [InlineData("[::1:11211")]
    [InlineData("a b:11211")]
    [InlineData("http://localhost:11211")]
    [InlineData("unix:")]
    [InlineData("unix:relative.sock")]
    [InlineData("unix:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Anything_else_is_not_an_endpoint(string? text) => Assert.False(MemcachedEndpoint.TryParse(text, out _));
}
