namespace PrivacyProxy.Egress.Resolution;

/// <summary>The resource record types the resolver reads.</summary>
internal enum DnsRecordType : ushort
{
    A = 1,
    Cname = 5,
    Soa = 6,
    Aaaa = 28,
}
