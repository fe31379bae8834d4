# Completion for clusterwright in fish: clusterwright completion fish | source

function __clusterwright_choices
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    for line in (clusterwright complete -- $typed[2..] "$current" 2>/dev/null)
        if test "$line" = ':files'
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end

complete -c clusterwright -f -a '(__clusterwright_choices)'
