using System.Net;
using Microsoft.Extensions.Options;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>What the machine says about names: the hosts file and the name servers, read again when the files change.</summary>
internal sealed class SystemNames : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(5);
    private readonly Refreshed<HostsFile>? _hosts;
    private readonly Refreshed<IPEndPoint[]>? _systemServers;
    private readonly IPEndPoint[] _configuredServers;

    public SystemNames(IOptions<EgressOptions> options, TimeProvider time)
        : this(options.Value.Resolver, time, HostsFile.SystemPath, ResolvConf.SystemPath)
    {
    }

    public SystemNames(ResolverOptions options, TimeProvider time, string hostsPath, string resolvConfPath)
    {
        _configuredServers = [.. options.Servers.Select(ResolvConf.ParseServer)];
        if (options.UseHostsFile) _hosts = Watch(time, hostsPath, HostsFile.Parse, HostsFile.None);
        if (_configuredServers.Length == 0) _systemServers = Watch(time, resolvConfPath, ResolvConf.Parse, ResolvConf.Parse([]));
    }

    public HostsFile Hosts => _hosts?.Value ?? HostsFile.None;

    public IPEndPoint[] Servers => _systemServers?.Value ?? _configuredServers;

    /// <summary>Reads the files now, not at the next tick.</summary>
    public void Refresh()
    {
        _hosts?.Refresh();
        _systemServers?.Refresh();
    }

    public void Dispose()
    {
        _hosts?.Dispose();
        _systemServers?.Dispose();
    }

    private static Refreshed<T> Watch<T>(TimeProvider time, string path, Func<IEnumerable<string>, T> parse, T initial)
        where T : class
    {
        var last = "";
        return new Refreshed<T>(time, _interval, Read, initial);

        T Read(T value)
        {
            var stamp = FileStamp.Of([path]);
            if (stamp == last || !File.Exists(path)) return value;
            var fresh = parse(File.ReadLines(path));
            last = stamp;
            return fresh;
        }
    }
}
