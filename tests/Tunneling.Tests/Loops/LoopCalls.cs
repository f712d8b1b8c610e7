using Tunneling.Loops;

namespace Tunneling.Tests.Loops;

internal static class LoopCalls
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>What an async method gives that begins on the loop.</summary>
    public static async Task<T> RunAsync<T>(this EventLoop loop, Func<Task<T>> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => { _ = TellAsync(); }, null);
        return await result.Task.WaitAsync(_patience);

        async Task TellAsync()
        {
            try
            {
                result.SetResult(await work());
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        }
    }
}
