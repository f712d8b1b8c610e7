using System.Net;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>An address that <see cref="LoopTransport"/> listens on, told apart from those of Kestrel's own transport by its type.</summary>
internal sealed class LoopEndPoint(IPEndPoint endPoint) : IPEndPoint(endPoint.Address, endPoint.Port);
