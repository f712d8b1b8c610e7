using PrivacyProxy.Listeners.Engine;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>The engine tests run over: the one that processes started by tests read too, from <c>PrivacyProxy__Listeners__Engine</c>.</summary>
internal static class TestEngine
{
    public static ListenerEngine Current { get; } =
        Enum.TryParse<ListenerEngine>(Environment.GetEnvironmentVariable("PrivacyProxy__Listeners__Engine"), ignoreCase: true, out var engine) ? engine : ListenerEngine.Kestrel;
}
