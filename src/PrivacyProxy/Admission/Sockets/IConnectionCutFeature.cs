namespace PrivacyProxy.Admission.Sockets;

/// <summary>How a connection ends whose answer cannot be finished.</summary>
internal interface IConnectionCutFeature
{
    /// <summary>Whether what was written is sent before an abort ends the connection: a client that counts its content is to get what there is of it.</summary>
    bool SendsBeforeAbort { get; set; }
}
