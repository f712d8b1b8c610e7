using System.Net;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Socks5;

/// <summary>A request as read: a destination to tunnel to, an association for UDP, or the reply that refuses it.</summary>
/// <param name="Destination">Of CONNECT.</param>
/// <param name="Announced">Of UDP ASSOCIATE: where the client says it will send from; zeros where it does not know.</param>
/// <param name="Refusal">Of everything else.</param>
internal readonly record struct Socks5Request(Destination? Destination, IPEndPoint? Announced, Socks5Reply Refusal)
{
    public static Socks5Request Refused(Socks5Reply reply) => new(null, null, reply);
}
