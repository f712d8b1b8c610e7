using System.Net.Sockets;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>A question: a name in lower case and an address family.</summary>
internal readonly record struct DnsKey(string Name, AddressFamily Family);
