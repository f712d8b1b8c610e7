namespace PrivacyProxy.Commands.Top.Watching;

/// <summary>A management endpoint does not answer as a proxy's does; the message is one line for people.</summary>
internal sealed class ManagementException(string message, Exception? inner = null) : Exception(message, inner);
