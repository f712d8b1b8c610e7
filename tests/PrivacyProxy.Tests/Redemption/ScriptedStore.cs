using PrivacyPass.SpentTokens;

namespace PrivacyProxy.Tests.Redemption;

/// <summary>A store with I/O of its own, that answers as told and notes what it was asked.</summary>
internal sealed class ScriptedStore(SpendOutcome lookUp, SpendOutcome spend) : ISpentTokenStore
{
    public List<string> Calls { get; } = [];

    public string Name => "scripted";

    public bool LooksUpFirst => true;

    public bool IsReady => true;

    public async ValueTask<SpendOutcome> LookUpAsync(SpentToken token, CancellationToken cancellationToken)
    {
        Calls.Add("look-up");
        await Task.Yield();
        return lookUp;
    }

    public async ValueTask<SpendOutcome> SpendAsync(SpentToken token, CancellationToken cancellationToken)
    {
        Calls.Add("spend");
        await Task.Yield();
        return spend;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
