namespace PrivacyProxy.Commands.Demo;

/// <summary>The parts the demo starts.</summary>
internal enum DemoPart
{
    None,
    Issuer,
    Proxy,
    Origin,
}
