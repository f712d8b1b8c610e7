using System.Net;

namespace PrivacyRelay.Socks5.Udp;

/// <summary>Who is heard by an association: the address its TCP connection comes from, and one port, announced or the first to send.</summary>
internal sealed class UdpClientFilter
{
    private readonly IPEndPoint _reader;
    private readonly IPAddress _address;
    private readonly int _port;

    /// <summary>Takes the port that was announced, unless the announcement is of somebody else's address and so cannot be of the client.</summary>
    public UdpClientFilter(IPAddress address, IPEndPoint announced)
    {
        _address = address;
        _reader = new IPEndPoint(address, 0);
        var isOfClient = announced.Address.Equals(address) || announced.Address.Equals(IPAddress.Any) || announced.Address.Equals(IPAddress.IPv6Any);
        _port = isOfClient ? announced.Port : 0;
    }

    /// <summary>Where answers go; null until the client has sent.</summary>
    public SocketAddress? Client { get; private set; }

    public bool Hears(SocketAddress sender)
    {
        if (Client is not null) return Client.Equals(sender);
        var from = (IPEndPoint)_reader.Create(sender);
        return from.Address.Equals(_address) && (_port == 0 || _port == from.Port);
    }

    /// <summary>From now on this one alone is heard.</summary>
    public void Take(SocketAddress sender)
    {
        if (Client is not null) return;
        Client = new SocketAddress(sender.Family, sender.Size);
        sender.Buffer.Span[..sender.Size].CopyTo(Client.Buffer.Span);
    }
}
