namespace PrivacyProxy.Listeners.KestrelHttp3;

/// <summary>Whether any listener serves HTTP/3: told by who sets the listeners up, so that clients are told the truth.</summary>
internal sealed class Http3Listening
{
    public bool IsServed { get; set; }
}
