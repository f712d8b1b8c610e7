namespace PrivacyProxy.Admission.Http2;

/// <summary>What bounds the streams of a stranger on HTTP/2; a feature of their requests, told of those that reach the application.</summary>
internal interface IStrangerStreams
{
    /// <summary>A request's head was read. False when strangers hold too much, and this one the most.</summary>
    bool Weighs(int stream, long bytes);

    /// <summary>The application has answered; the client has a limited time to let the answer be written.</summary>
    void Answered(int stream);
}
