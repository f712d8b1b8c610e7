namespace PrivacyProxy.Listeners;

/// <summary>Sends answers before the answer (1xx); a feature of requests whose way to the client can carry them.</summary>
internal interface IInterimAnswers
{
    /// <summary>Sends one. Only before the answer, one after another, and by nobody else meanwhile.</summary>
    ValueTask SendAsync(int status, IReadOnlyList<KeyValuePair<string, string>> fields, CancellationToken cancellationToken);
}
