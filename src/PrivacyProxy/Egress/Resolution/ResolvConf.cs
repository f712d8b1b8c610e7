using System.Net;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>The name servers of /etc/resolv.conf (resolv.conf(5)). Its search domains are not used: targets are complete names.</summary>
internal static class ResolvConf
{
    public const string SystemPath = "/etc/resolv.conf";
    public const int DnsPort = 53;
    private const int MaxServers = 3; // as in the C library

    /// <summary>The servers in order; the one on this machine if the file names none.</summary>
    public static IPEndPoint[] Parse(IEnumerable<string> lines)
    {
        var servers = new List<IPEndPoint>();
        foreach (var line in lines)
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var text, ..] && IPAddress.TryParse(text, out var address) && servers.Count < MaxServers)
                servers.Add(new IPEndPoint(address, DnsPort));
        }

        return servers.Count > 0 ? [.. servers] : [new IPEndPoint(IPAddress.Loopback, DnsPort)];
    }

    /// <summary>A server as configured: an address, with port 53 unless given.</summary>
    public static IPEndPoint ParseServer(string text)
    {
        var server = IPEndPoint.Parse(text);
        if (server.Port == 0) server.Port = DnsPort;
        return server;
    }
}
